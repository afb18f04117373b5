import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.lookup.PlanningId;
import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import ai.timefold.solver.core.api.score.buildin.hardsoftlong.HardSoftLongScore;
import ai.timefold.solver.core.api.score.calculator.IncrementalScoreCalculator;
import ai.timefold.solver.core.api.score.director.ScoreDirector;
import ai.timefold.solver.core.api.solver.Solver;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.constructionheuristic.ConstructionHeuristicPhaseConfig;
import ai.timefold.solver.core.config.constructionheuristic.ConstructionHeuristicType;
import ai.timefold.solver.core.config.heuristic.selector.move.composite.UnionMoveSelectorConfig;
import ai.timefold.solver.core.config.heuristic.selector.move.factory.MoveIteratorFactoryConfig;
import ai.timefold.solver.core.config.heuristic.selector.move.generic.ChangeMoveSelectorConfig;
import ai.timefold.solver.core.config.heuristic.selector.move.generic.SwapMoveSelectorConfig;
import ai.timefold.solver.core.config.localsearch.LocalSearchPhaseConfig;
import ai.timefold.solver.core.config.localsearch.decider.acceptor.LocalSearchAcceptorConfig;
import ai.timefold.solver.core.config.localsearch.decider.forager.LocalSearchForagerConfig;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.impl.heuristic.move.AbstractMove;
import ai.timefold.solver.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.StringTokenizer;

/**
 * Staffing for Timefold: an entity is a demand, its variable the person who does it in full, or nobody.
 *
 * <p>Reads a flat file of whole numbers (people, periods and capacities; then demands, each with its candidates) and prints lines:
 * "P milliseconds objective" for every better plan, "A demand person" for every assignment of the best.
 */
public final class StaffingPeer {
    private static long began;
    private static long bestSoFar = Long.MIN_VALUE;

    public static final class Person {
        final int number;
        final int[] capacity;
        final int[] used;
        final List<Demand> held = new ArrayList<>();

        Person(int number, int[] capacity) {
            this.number = number;
            this.capacity = capacity;
            this.used = new int[capacity.length];
        }

        boolean fits(Demand demand, int row) {
            int[] minutes = demand.minutes[row];
            for (int k = 0; k < minutes.length; k++) {
                if (used[demand.first + k] + minutes[k] > capacity[demand.first + k]) {
                    return false;
                }
            }
            return true;
        }
    }

    @PlanningEntity(difficultyComparatorClass = ByValue.class)
    public static class Demand {
        @PlanningId public Integer number;
        int first;
        long value;
        @ValueRangeProvider public List<Person> people;
        int[] numbers;
        int[][] minutes;
        long[] gain;

        @PlanningVariable(allowsUnassigned = true)
        public Person person;

        int row(Person someone) {
            for (int row = 0; row < numbers.length; row++) {
                if (numbers[row] == someone.number) {
                    return row;
                }
            }
            throw new IllegalStateException("not a candidate");
        }
    }

    public static final class ByValue implements Comparator<Demand> {
        @Override
        public int compare(Demand one, Demand other) {
            int byValue = Long.compare(one.value, other.value);
            return byValue != 0 ? byValue : Integer.compare(one.number, other.number);
        }
    }

    @PlanningSolution
    public static class Plan {
        @PlanningEntityCollectionProperty public List<Demand> demands;
        @PlanningScore public HardSoftLongScore score;
        List<Person> people;
    }

    /** Minutes beyond capacity are hard, what the plan brings is soft. The people keep what is booked on them. */
    public static final class Booked implements IncrementalScoreCalculator<Plan, HardSoftLongScore> {
        private long over;
        private long brings;

        @Override
        public void resetWorkingSolution(Plan plan) {
            over = 0;
            brings = 0;
            for (Person person : plan.people) {
                Arrays.fill(person.used, 0);
                person.held.clear();
            }
            plan.demands.forEach(demand -> book(demand, 1));
        }

        private void book(Demand demand, int sign) {
            Person person = demand.person;
            if (person == null) {
                return;
            }
            int row = demand.row(person);
            int[] minutes = demand.minutes[row];
            for (int k = 0; k < minutes.length; k++) {
                int t = demand.first + k;
                over -= Math.max(0, person.used[t] - person.capacity[t]);
                person.used[t] += sign * minutes[k];
                over += Math.max(0, person.used[t] - person.capacity[t]);
            }
            brings += sign * demand.gain[row];
            if (sign > 0) {
                person.held.add(demand);
            } else {
                person.held.remove(demand);
            }
        }

        @Override
        public void beforeVariableChanged(Object entity, String variable) {
            book((Demand) entity, -1);
        }

        @Override
        public void afterVariableChanged(Object entity, String variable) {
            book((Demand) entity, 1);
        }

        @Override
        public void beforeEntityAdded(Object entity) {}

        @Override
        public void afterEntityAdded(Object entity) {
            book((Demand) entity, 1);
        }

        @Override
        public void beforeEntityRemoved(Object entity) {
            book((Demand) entity, -1);
        }

        @Override
        public void afterEntityRemoved(Object entity) {}

        @Override
        public HardSoftLongScore calculateScore() {
            return HardSoftLongScore.of(-over, brings);
        }
    }

    /** A person takes a demand over; what is in the way goes to whoever is free and brings most, or to nobody. */
    public static final class Takeover extends AbstractMove<Plan> {
        private final Demand demand;
        private final Person taker;

        Takeover(Demand demand, Person taker) {
            this.demand = demand;
            this.taker = taker;
        }

        @Override
        public boolean isMoveDoable(ScoreDirector<Plan> director) {
            return demand.person != taker;
        }

        @Override
        protected void doMoveOnGenuineVariables(ScoreDirector<Plan> director) {
            int row = demand.row(taker);
            List<Demand> homeless = new ArrayList<>();
            set(director, demand, null);
            while (!taker.fits(demand, row)) {
                Demand leaving = leastInTheWay(row);
                homeless.add(leaving);
                set(director, leaving, null);
            }
            set(director, demand, taker);
            homeless.sort(Comparator.comparingLong((Demand d) -> d.value).reversed());
            for (Demand other : homeless) {
                Person best = bestFree(other);
                if (best != null) {
                    set(director, other, best);
                }
            }
        }

        private Demand leastInTheWay(int row) {
            Demand least = null;
            long loses = Long.MAX_VALUE;
            for (Demand other : taker.held) {
                long brings = other.gain[other.row(taker)];
                if (brings < loses && isInTheWay(other, row)) {
                    least = other;
                    loses = brings;
                }
            }
            return Objects.requireNonNull(least);
        }

        private boolean isInTheWay(Demand other, int row) {
            int[] minutes = demand.minutes[row];
            int[] others = other.minutes[other.row(taker)];
            int from = Math.max(demand.first, other.first);
            int to = Math.min(demand.first + minutes.length, other.first + others.length);
            for (int t = from; t < to; t++) {
                if (others[t - other.first] > 0 && taker.used[t] + minutes[t - demand.first] > taker.capacity[t]) {
                    return true;
                }
            }
            return false;
        }

        private static Person bestFree(Demand other) {
            Person best = null;
            long brings = 0;
            for (int row = 0; row < other.numbers.length; row++) {
                if (other.gain[row] > brings && other.people.get(row).fits(other, row)) {
                    best = other.people.get(row);
                    brings = other.gain[row];
                }
            }
            return best;
        }

        private static void set(ScoreDirector<Plan> director, Demand demand, Person person) {
            director.beforeVariableChanged(demand, "person");
            demand.person = person;
            director.afterVariableChanged(demand, "person");
            director.triggerVariableListeners();
        }

        @Override
        public Collection<?> getPlanningEntities() {
            return Collections.singletonList(demand);
        }

        @Override
        public Collection<?> getPlanningValues() {
            return Collections.singletonList(taker);
        }
    }

    public static final class Takeovers implements MoveIteratorFactory<Plan, Takeover> {
        @Override
        public long getSize(ScoreDirector<Plan> director) {
            return director.getWorkingSolution().demands.stream().mapToLong(demand -> demand.numbers.length).sum();
        }

        @Override
        public Iterator<Takeover> createOriginalMoveIterator(ScoreDirector<Plan> director) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterator<Takeover> createRandomMoveIterator(ScoreDirector<Plan> director, Random random) {
            List<Demand> demands = director.getWorkingSolution().demands;
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Takeover next() {
                    Demand demand = demands.get(random.nextInt(demands.size()));
                    return new Takeover(demand, demand.people.get(random.nextInt(demand.numbers.length)));
                }
            };
        }
    }

    /** Arguments: file, when the clock began and when it ends (milliseconds since 1970), solvers side by side, random seed. */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        began = Long.parseLong(arguments[1]);
        long ends = Long.parseLong(arguments[2]);
        int solvers = Integer.parseInt(arguments[3]);
        long seed = Long.parseLong(arguments[4]);
        Plan[] best = new Plan[solvers];
        Thread[] threads = new Thread[solvers];
        for (int n = 0; n < solvers; n++) {
            int number = n;
            threads[n] = new Thread(() -> best[number] = solve(read(file), ends, number, seed + number));
            threads[n].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Plan plan = Collections.max(Arrays.asList(best), Comparator.comparing((Plan one) -> one.score));
        StringBuilder lines = new StringBuilder();
        for (Demand demand : plan.demands) {
            if (demand.person != null) {
                lines.append("A ").append(demand.number).append(' ').append(demand.person.number).append('\n');
            }
        }
        System.out.print(lines);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static Plan solve(Plan problem, long ends, int number, long seed) {
        Solver<Plan> solver = SolverFactory.<Plan>create(config(lateAcceptanceSize(problem, ends, number), seed)).buildSolver();
        solver.addEventListener(event -> {
            HardSoftLongScore score = (HardSoftLongScore) event.getNewBestScore();
            if (event.isNewBestSolutionInitialized() && score.isFeasible()) {
                tell(score.softScore());
            }
        });
        Thread clock = new Thread(() -> terminateAt(ends, solver));
        clock.setDaemon(true);
        clock.start();
        return solver.solve(problem);
    }

    private static void terminateAt(long ends, Solver<Plan> solver) {
        try {
            Thread.sleep(Math.max(1, ends - System.currentTimeMillis()));
            while (true) { // a solver that has not quite begun forgets that it was told to end
                solver.terminateEarly();
                Thread.sleep(20);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static synchronized void tell(long objective) {
        if (objective > bestSoFar) {
            bestSoFar = objective;
            System.out.println("P " + (System.currentTimeMillis() - began) + " " + objective);
        }
    }

    /** The first solver settles when its time is nearly up, each further one sooner: found on firms of 300 and 1,750 demands. */
    private static int lateAcceptanceSize(Plan problem, long ends, int number) {
        long size = 7 * (ends - began) / Math.max(1, problem.demands.size());
        return (int) Math.max(50, Math.min(5_000, size >> (2 * Math.min(number, 5))));
    }

    private static SolverConfig config(int lateAcceptanceSize, long seed) {
        return new SolverConfig()
                .withSolutionClass(Plan.class)
                .withEntityClasses(Demand.class)
                .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
                .withRandomSeed(seed)
                .withScoreDirectorFactory(new ScoreDirectorFactoryConfig().withIncrementalScoreCalculatorClass(Booked.class))
                .withPhases(
                        new ConstructionHeuristicPhaseConfig()
                                .withConstructionHeuristicType(ConstructionHeuristicType.FIRST_FIT_DECREASING),
                        new LocalSearchPhaseConfig()
                                .withMoveSelectorConfig(moves())
                                .withAcceptorConfig(new LocalSearchAcceptorConfig().withLateAcceptanceSize(lateAcceptanceSize))
                                .withForagerConfig(new LocalSearchForagerConfig().withAcceptedCountLimit(1)));
    }

    private static UnionMoveSelectorConfig moves() {
        return new UnionMoveSelectorConfig()
                .withMoveSelectorList(List.of(
                        new ChangeMoveSelectorConfig().withFixedProbabilityWeight(0.1),
                        new SwapMoveSelectorConfig().withFixedProbabilityWeight(0.1),
                        new MoveIteratorFactoryConfig()
                                .withMoveIteratorFactoryClass(Takeovers.class)
                                .withFixedProbabilityWeight(1.0)));
    }

    private static Plan read(Path file) {
        StringTokenizer words;
        try {
            words = new StringTokenizer(Files.readString(file));
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        int people = next(words);
        int periods = next(words);
        Plan plan = new Plan();
        plan.people = new ArrayList<>();
        for (int n = 0; n < people; n++) {
            plan.people.add(new Person(n, row(words, periods)));
        }
        plan.demands = new ArrayList<>();
        for (int left = next(words); left > 0; left--) {
            plan.demands.add(demand(words, plan.people));
        }
        return plan;
    }

    private static Demand demand(StringTokenizer words, List<Person> people) {
        Demand demand = new Demand();
        demand.number = next(words);
        demand.first = next(words);
        int periods = next(words);
        demand.value = Long.parseLong(words.nextToken());
        int candidates = next(words);
        demand.numbers = new int[candidates];
        demand.people = new ArrayList<>();
        demand.minutes = new int[candidates][];
        demand.gain = new long[candidates];
        for (int row = 0; row < candidates; row++) {
            demand.numbers[row] = next(words);
            demand.people.add(people.get(demand.numbers[row]));
            demand.gain[row] = Long.parseLong(words.nextToken());
            demand.minutes[row] = row(words, periods);
        }
        return demand;
    }

    private static int next(StringTokenizer words) {
        return Integer.parseInt(words.nextToken());
    }

    private static int[] row(StringTokenizer words, int length) {
        int[] row = new int[length];
        for (int k = 0; k < length; k++) {
            row[k] = next(words);
        }
        return row;
    }
}
