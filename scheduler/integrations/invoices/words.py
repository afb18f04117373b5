"""The words printed on documents, by language. ``{}`` stands for what is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.domain.billing.tax_codes import TaxCategory

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is printed in one language."""

    invoice: str
    credit_note: str
    draft: str
    date: str
    due: str
    period: str
    buyer_reference: str
    order: str
    contract: str
    project: str
    your_vat_id: str
    credited: str
    position: str
    description: str
    quantity: str
    price: str
    tax_rate: str
    amount: str
    hours: str
    per_hour: str
    lines: str
    discount_on: str
    """Percent, base."""
    net: str
    tax_on: str
    """Percent, net."""
    untaxed: str
    """Net."""
    gross: str
    gross_credit: str
    tax_in_home: str
    """Currency, rate with both currencies, source, day."""
    retained: str
    retained_until: str
    """Day."""
    payment: str
    account: str
    bank: str
    holder: str
    vat_id: str
    tax_number: str
    register: str
    page: str
    """Page, pages."""
    exempt: str
    reverse_charge: str
    intra_community: str
    export: str
    outside: str

    def reason(self, category: TaxCategory) -> str:
        """Why a category charges no tax, where the document says it by a code alone."""
        return {
            TaxCategory.EXEMPT: self.exempt,
            TaxCategory.REVERSE_CHARGE: self.reverse_charge,
            TaxCategory.INTRA_COMMUNITY: self.intra_community,
            TaxCategory.EXPORT: self.export,
            TaxCategory.OUTSIDE: self.outside,
        }.get(category, "")


_GERMAN = Words(
    invoice="Rechnung",
    credit_note="Gutschrift (Rechnungskorrektur)",
    draft="Entwurf",
    date="Rechnungsdatum",
    due="Zahlbar bis",
    period="Leistungszeitraum",
    buyer_reference="Ihre Referenz",
    order="Bestellung",
    contract="Vertrag",
    project="Projekt",
    your_vat_id="Ihre USt-IdNr.",
    credited="Zur Rechnung",
    position="Pos.",
    description="Leistung",
    quantity="Menge",
    price="Einzelpreis",
    tax_rate="USt",
    amount="Betrag",
    hours="{} h",
    per_hour="{}/h",
    lines="Summe der Positionen",
    discount_on="{} auf {}",
    net="Summe netto",
    tax_on="Umsatzsteuer {} auf {}",
    untaxed="Ohne Umsatzsteuer auf {}",
    gross="Rechnungsbetrag",
    gross_credit="Gutschriftsbetrag",
    tax_in_home="Umsatzsteuer in {} ({}; {}, {})",
    retained="Davon Sicherheitseinbehalt",
    retained_until="fällig am {}",
    payment="Zahlung",
    account="Konto",
    bank="Bank",
    holder="Kontoinhaber",
    vat_id="USt-IdNr.",
    tax_number="Steuernummer",
    register="Register",
    page="Seite {} von {}",
    exempt="Umsatzsteuerfrei",
    reverse_charge="Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge)",
    intra_community="Steuerfreie innergemeinschaftliche Lieferung oder Leistung",
    export="Steuerfreie Ausfuhr",
    outside="Nicht steuerbar",
)
_ENGLISH = Words(
    invoice="Invoice",
    credit_note="Credit note",
    draft="Draft",
    date="Date",
    due="Due on",
    period="Service period",
    buyer_reference="Your reference",
    order="Order",
    contract="Contract",
    project="Project",
    your_vat_id="Your VAT ID",
    credited="Credits invoice",
    position="No.",
    description="Service",
    quantity="Quantity",
    price="Unit price",
    tax_rate="VAT",
    amount="Amount",
    hours="{} h",
    per_hour="{}/h",
    lines="Sum of lines",
    discount_on="{} of {}",
    net="Net total",
    tax_on="VAT {} on {}",
    untaxed="No VAT on {}",
    gross="Total",
    gross_credit="Total credited",
    tax_in_home="VAT in {} ({}; {}, {})",
    retained="Of which retained",
    retained_until="due on {}",
    payment="Payment",
    account="Account",
    bank="Bank",
    holder="Account holder",
    vat_id="VAT ID",
    tax_number="Tax number",
    register="Registered",
    page="Page {} of {}",
    exempt="Exempt from VAT",
    reverse_charge="Reverse charge: VAT to be accounted for by the recipient",
    intra_community="VAT exempt intra-Community supply",
    export="VAT exempt export",
    outside="Not subject to VAT",
)
_FRENCH = Words(
    invoice="Facture",
    credit_note="Avoir",
    draft="Brouillon",
    date="Date",
    due="Payable avant le",
    period="Période de prestation",
    buyer_reference="Votre référence",
    order="Commande",
    contract="Contrat",
    project="Projet",
    your_vat_id="Votre n° de TVA",
    credited="Se rapporte à la facture",
    position="N°",
    description="Prestation",
    quantity="Quantité",
    price="Prix unitaire",
    tax_rate="TVA",
    amount="Montant",
    hours="{} h",
    per_hour="{}/h",
    lines="Total des lignes",
    discount_on="{} sur {}",
    net="Total HT",
    tax_on="TVA {} sur {}",
    untaxed="Sans TVA sur {}",
    gross="Total TTC",
    gross_credit="Total de l’avoir",
    tax_in_home="TVA en {} ({} ; {}, {})",
    retained="Dont retenue de garantie",
    retained_until="payable le {}",
    payment="Paiement",
    account="Compte",
    bank="Banque",
    holder="Titulaire du compte",
    vat_id="N° de TVA",
    tax_number="N° fiscal",
    register="Immatriculation",
    page="Page {} sur {}",
    exempt="Exonéré de TVA",
    reverse_charge="Autoliquidation : TVA due par le preneur",
    intra_community="Livraison ou prestation intracommunautaire exonérée de TVA",
    export="Exportation exonérée de TVA",
    outside="Hors champ de la TVA",
)
_SPANISH = Words(
    invoice="Factura",
    credit_note="Factura rectificativa",
    draft="Borrador",
    date="Fecha",
    due="Vencimiento",
    period="Período de servicio",
    buyer_reference="Su referencia",
    order="Pedido",
    contract="Contrato",
    project="Proyecto",
    your_vat_id="Su NIF-IVA",
    credited="Rectifica la factura",
    position="N.º",
    description="Servicio",
    quantity="Cantidad",
    price="Precio unitario",
    tax_rate="IVA",
    amount="Importe",
    hours="{} h",
    per_hour="{}/h",
    lines="Suma de las líneas",
    discount_on="{} sobre {}",
    net="Base imponible",
    tax_on="IVA {} sobre {}",
    untaxed="Sin IVA sobre {}",
    gross="Total",
    gross_credit="Total rectificado",
    tax_in_home="IVA en {} ({}; {}, {})",
    retained="Del cual se retiene en garantía",
    retained_until="vence el {}",
    payment="Pago",
    account="Cuenta",
    bank="Banco",
    holder="Titular de la cuenta",
    vat_id="NIF-IVA",
    tax_number="NIF",
    register="Registro",
    page="Página {} de {}",
    exempt="Exento de IVA",
    reverse_charge="Inversión del sujeto pasivo",
    intra_community="Operación intracomunitaria exenta de IVA",
    export="Exportación exenta de IVA",
    outside="No sujeto a IVA",
)
_ITALIAN = Words(
    invoice="Fattura",
    credit_note="Nota di credito",
    draft="Bozza",
    date="Data",
    due="Scadenza",
    period="Periodo di prestazione",
    buyer_reference="Vostro riferimento",
    order="Ordine",
    contract="Contratto",
    project="Progetto",
    your_vat_id="Vostra partita IVA",
    credited="Relativa alla fattura",
    position="N.",
    description="Prestazione",
    quantity="Quantità",
    price="Prezzo unitario",
    tax_rate="IVA",
    amount="Importo",
    hours="{} h",
    per_hour="{}/h",
    lines="Totale righe",
    discount_on="{} su {}",
    net="Imponibile",
    tax_on="IVA {} su {}",
    untaxed="Senza IVA su {}",
    gross="Totale",
    gross_credit="Totale accreditato",
    tax_in_home="IVA in {} ({}; {}, {})",
    retained="Di cui ritenuta di garanzia",
    retained_until="scadenza {}",
    payment="Pagamento",
    account="Conto",
    bank="Banca",
    holder="Intestatario",
    vat_id="Partita IVA",
    tax_number="Codice fiscale",
    register="Registro imprese",
    page="Pagina {} di {}",
    exempt="Esente da IVA",
    reverse_charge="Inversione contabile (reverse charge)",
    intra_community="Operazione intracomunitaria non imponibile IVA",
    export="Esportazione non imponibile IVA",
    outside="Fuori campo IVA",
)
_DUTCH = Words(
    invoice="Factuur",
    credit_note="Creditnota",
    draft="Concept",
    date="Datum",
    due="Te betalen voor",
    period="Prestatieperiode",
    buyer_reference="Uw kenmerk",
    order="Bestelling",
    contract="Contract",
    project="Project",
    your_vat_id="Uw btw-nummer",
    credited="Bij factuur",
    position="Nr.",
    description="Dienst",
    quantity="Aantal",
    price="Prijs",
    tax_rate="Btw",
    amount="Bedrag",
    hours="{} u",
    per_hour="{}/u",
    lines="Som van de regels",
    discount_on="{} van {}",
    net="Totaal exclusief btw",
    tax_on="Btw {} over {}",
    untaxed="Zonder btw over {}",
    gross="Totaal",
    gross_credit="Totaal gecrediteerd",
    tax_in_home="Btw in {} ({}; {}, {})",
    retained="Waarvan ingehouden",
    retained_until="te betalen op {}",
    payment="Betaling",
    account="Rekening",
    bank="Bank",
    holder="Rekeninghouder",
    vat_id="Btw-nummer",
    tax_number="Fiscaal nummer",
    register="Handelsregister",
    page="Pagina {} van {}",
    exempt="Vrijgesteld van btw",
    reverse_charge="Btw verlegd",
    intra_community="Intracommunautaire prestatie, vrijgesteld van btw",
    export="Uitvoer, vrijgesteld van btw",
    outside="Valt buiten de btw",
)
WORDS: Mapping[str, Words] = {"de": _GERMAN, "en": _ENGLISH, "es": _SPANISH, "fr": _FRENCH, "it": _ITALIAN, "nl": _DUTCH}
