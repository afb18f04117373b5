"""
The shapes of the API's JSON.

Conventions: durations are whole minutes (``..._minutes``); amounts are whole minor units of the firm's currency (``..._minor``);
rates per hour are exact decimals written as text in the currency's major unit (``"85.50"``), since a rate may be finer than a
minor unit; fractions are exact decimals written as text; days are ISO dates; intervals run from ``start`` up to, not including, ``end``.
"""
