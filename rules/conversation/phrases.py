"""Words that give an automatic mail, a thank-you or a request away, in the languages that reach a desk.

All patterns meet folded text (rules.text.folded): lower case, no accents, single spaces. Each list is a
starting point that tests widen; a missing phrase means that a person sees the mail, which is the safe side.
"""

# ruff: noqa: E501, ISC004 - lists of phrases read best with one idea in each line

import re
from collections.abc import Iterable

from rules.text import folded


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# How mail programs and servers begin the subject of an answer that nobody wrote.
_AUTOMATIC_TITLES = (
    "automatic reply", "automatic response", "automatic answer", "automated reply", "automated response",
    "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "autoresponder",
    "out of office", "out of the office", "out-of-office", "ooo", "away from the office", "vacation reply",
    "on leave", "on annual leave", "abwesenheitsnotiz", "abwesenheitsnachricht", "automatische antwort",
    "automatische abwesenheitsnotiz", "ausser haus", "réponse automatique", "message d'absence",
    "absence du bureau", "absent du bureau", "respuesta automática", "fuera de la oficina",
    "ausencia de la oficina", "risposta automatica", "fuori sede", "fuori ufficio", "resposta automática",
    "fora do escritório", "automatisch antwoord", "afwezig", "afwezigheidsbericht", "autosvar",
    "automatiskt svar", "automatisk svar", "frånvaro", "fravær", "automaattinen vastaus", "poissa",
    "odpowiedź automatyczna", "automatyczna odpowiedź", "autoodpowiedź", "poza biurem", "automatická odpověď",
    "automatická odpoveď", "mimo kancelář", "automatikus válasz", "házon kívül", "răspuns automat",
    "автоматический ответ", "автоответ", "автоматична відповідь", "otomatik yanıt", "ofis dışında",
    "αυτόματη απάντηση", "自动回复", "自動回覆", "自動応答", "자동 회신",
)  # fmt: skip
AUTOMATIC_TITLE = re.compile(
    rf"^\W*(?:{'|'.join(sorted((re.escape(folded(each)) for each in _AUTOMATIC_TITLES), key=len, reverse=True))})"
    r"(?P<end>\s*[:：|\[(]|\s+-|\s*$|\s+(?=(?:re|aw|fw|sv|odp)\s*:))(?P<rest>.*)$"
)

_I_AM = r"\b(?:i am|i'm|i will be|i'll be|we are|we're|we will be|(?:our|the|this)(?: \S+){0,3}? (?:is|are|will be))"
_ABSENT = (
    rf"{_I_AM}(?: \S+){{0,3}}? (?:out of (?:the )?office|out of town|away|on (?:\S+ )?(?:leave|holiday|vacation)"
    r"|closed|absent|unavailable|travelling|not (?:in|available|at work|working))\b",
    r"\b(?:limited|no|intermittent|restricted) access to (?:my |our )?(?:e-?mails?|mail|messages)",
    r"\b(?:ich bin|wir sind|unser \S+ ist|ich werde)\b.{0,60}\b(?:nicht (?:im (?:buro|haus|dienst)|erreichbar)"
    r"|abwesend|im urlaub|ausser haus|in elternzeit|geschlossen)\b",
    r"\b(?:je suis|je serai|nous sommes|nos bureaux sont|actuellement)\b.{0,60}\b(?:absente?s?|en conges?"
    r"|en vacances|fermes?|en deplacement|indisponible)\b",
    r"\b(?:estoy|estare|estamos|estaremos|me encuentro|me encontrare)\b.{0,60}\b(?:fuera de la oficina"
    r"|de vacaciones|ausente|de baja|cerrados?)\b",
    r"\b(?:sono|saro|siamo|saremo)\b.{0,60}\b(?:fuori (?:ufficio|sede)|in ferie|assente|chiusi)\b",
    r"\b(?:estou|estarei|estamos)\b.{0,60}\b(?:ausente|de ferias|fora do escritorio|encerrados)\b",
    r"\b(?:jestem|jestesmy|bede|przebywam|nasze biuro jest|biuro jest)\b.{0,60}\b(?:poza biurem|na urlopie"
    r"|nieobecn\w+|nieczynne|zamkniete|niedostepn\w+)\b",
    r"\b(?:ik ben|wij zijn|we zijn)\b.{0,60}\b(?:afwezig|niet (?:op kantoor|aanwezig|bereikbaar)"
    r"|met (?:vakantie|verlof)|op vakantie|gesloten)\b",
    r"\b(?:jag ar|vi ar|jeg er|vi er)\b.{0,60}\b(?:pa semester|inte pa (?:kontoret|plats)|franvarande|ledig"
    r"|foraldraledig|pa ferie|ikke pa (?:kontoret|jobb)|fravaerende|bortreist|stengt)\b",
    r"\bolen\b.{0,60}\b(?:lomalla|poissa|vapaalla)\b",
    r"\b(?:jsem|nejsem|budu|som|nie som)\b.{0,60}\b(?:mimo kancelar\w*|na dovolene\w*|v kancelari\w*|nepritom\w+)",
    r"\b(?:szabadsagon|hazon kivul)\b.{0,30}\b(?:vagyok|leszek|vagyunk)\b",
    r"\b(?:sunt|nu sunt|voi fi)\b.{0,60}\b(?:in concediu|in birou|plecat\w*|indisponibil\w*)\b",
    "|".join(folded(each) for each in ("в отпуске", "меня нет в офисе", "отсутствую", "у відпустці")),
    r"\b(?:ofis disinda\w*|izindeyim|izinliyim)\b",
    "休暇|不在|不在办公室|休假|부재",
)
_RETURN = (
    r"\b(?:i|we) (?:will|shall|expect to|plan to) (?:be back|be returning|return|respond|reply|answer|get back)\b",
    r"\bi'll (?:be back|respond|reply|answer|get back|return)\b",
    r"\b(?:returning|return to (?:the office|work)|back (?:in the office|at work|at my desk|on|from))\b",
    r"\b(?:wieder (?:erreichbar|im buro|fur sie da|zuruck)|de retour|mon retour|de regreso|mi regreso|vuelta el"
    r"|mio rientro|torner[oa]|meu regresso|regresso (?:a|no) dia|wracam|po powrocie|wroce|(?:weer )?terug (?:op|vanaf)"
    r"|tillbaka|tilbake|tilbage|palaan|vracim se|zpet)\b",
)
_INSTEAD = (
    r"\b(?:urgent|emergenc\w+|immediate (?:assistance|attention|help)|in my absence|while i am away)\b.{0,80}"
    r"\b(?:contact|call|e-?mail|ring|phone|write to|speak to|reach|get in touch)\b",
    r"\b(?:contact|call|e-?mail|ring|phone|write to|speak to|reach)\b.{0,80}"
    r"\b(?:urgent\w*|emergenc\w+|in my absence|while i am away|in the meantime|meanwhile)\b",
    r"\bin dringenden|\bdringende[nr]? (?:fallen|angelegenheiten|fragen)|\ben cas d'urgence|\bpour toute urgence"
    r"|\ben caso de (?:urgencia|emergencia)|\bpara (?:asuntos|temas) urgentes|\bper (?:urgenze|questioni urgenti)"
    r"|\bem caso de (?:urgencia|emergencia)|\bassuntos urgentes|\bw (?:pilnych|naglych) (?:sprawach|przypadkach)"
    r"|\bvoor (?:dringende|spoed)|\bvid bradskande|\bved (?:hast|presserende|behov)|\bv (?:nalehavych|urgentnich)",
)
_THANKS_FOR_MAIL = (
    r"\bthank(?:s| you)(?: \S+){0,2}? for (?:your|the|contacting|getting in touch|writing|reaching out|e-?mailing)\b",
    r"\b(?:vielen dank|danke|besten dank) fur (?:ihre|deine|die)\b|\bmerci (?:de|pour) (?:votre|ton|nous avoir)\b",
    r"\bgracias por (?:su|tu|contactar|escribir)|\bgrazie per (?:il|la|averci|averm)|\bobrigad[oa] pel[oa]\b",
    r"\bdziekuj(?:e|emy) za (?:wiadomosc|maila?|kontakt|przeslan)|\b(?:bedankt|dank) (?:u )?voor (?:uw|je|het)\b",
    r"\btack for (?:ditt|din|ert)\b|\btakk? for (?:din|di|deres|henvendelsen|mailen)\b|\bkiitos (?:viesti|yhteyden)",
)
_AUTOMATED = (
    r"\b(?:this|das|dies|ceci|c'est|questo|este|esto|dit|detta|dette)\b.{0,25}\b(?:automat\w+|auto-?(?:generated|reply)"
    r"|computer.generated|system.generated)\b",
    r"\b(?:do not|don't|please don't|cannot) (?:reply|respond|answer)(?: directly)? to this\b",
    r"\b(?:mailbox|inbox|e-?mail address|address|account)\b.{0,40}\b(?:not|no longer|un)[ -]?"
    r"(?:being )?(?:read|monitored|attended|checked|in use|staffed)\b",
    r"\b(?:nicht auf diese (?:e-?mail|nachricht)|ne (?:pas|repondez pas) (?:repondre )?a ce (?:message|mail|courriel)"
    r"|no responda a este|non rispond\w+ a questa|nie odpowiad\w+ na te|niet (?:op )?dit bericht)\b",
    r"\b(?:wygenerowan\w+|erzeugt|genere\w*|generado|generato|gegenereerd)\b.{0,20}\bautomat",
    r"\bautomat\w+ (?:wygenerowan|erzeugt|genere|generado|generato|gegenereerd|erstellt)",
)
_ACKNOWLEDGED = (
    r"\b(?:we|i) (?:have |'ve )?received your (?:e-?mail|message|enquiry|inquiry|request|ticket|query)\b",
    r"\byour (?:e-?mail|message|ticket|request|case|enquiry|inquiry|query)\b.{0,40}\b(?:has been|was|is) "
    r"(?:successfully )?(?:received|logged|created|registered|opened|assigned|recorded)\b",
    r"\b(?:we|someone|(?:our|a|the) \S+(?: \S+){0,4}?) (?:aim to|will) (?:respond|reply|answer|get back|be in touch|"
    r"contact you)\b",
    r"\b(?:ihre (?:anfrage|nachricht|e-?mail) (?:ist|wurde|haben)|nous avons bien recu votre"
    r"|hemos recibido su|abbiamo ricevuto la (?:sua|vostra|tua)|otrzymalismy (?:twoja|panstwa))\b",
)
_NOT_READ = (
    r"\b(?:your|this) (?:e-?mail|message)\b.{0,30}\bnot (?:be )?(?:being )?(?:automatically )?(?:forwarded|read)\b",
    r"\b(?:ihre|deine|diese) (?:nachricht|e-?mail|mail)\b.{0,40}\bnicht (?:automatisch )?(?:weitergeleitet|gelesen)\b",
    r"\bvotre (?:message|mail|courriel)\b.{0,30}\bpas (?:ete )?(?:transmis|transfere|lu)\b"
    r"|\bwiadomosc\b.{0,30}\bnie (?:zostanie|bedzie|jest) (?:przekazana|przekazywana|czytana)\b",
)
AUTOMATIC_SENTENCES = {
    "absent": _any_of(_ABSENT),
    "return": _any_of(_RETURN),
    "instead": _any_of((*_INSTEAD, *_NOT_READ)),
    "thanks_for_mail": _any_of(_THANKS_FOR_MAIL),
    "automated": _any_of(_AUTOMATED),
    "acknowledged": _any_of(_ACKNOWLEDGED),
}
"""Kinds of sentence that automatic answers are made of."""

GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|hallo|guten (?:tag|morgen)|sehr geehrte\w*|liebe\w*"
    r"|bonjour|bonsoir|cher|chere|madame|monsieur|hola|buenos dias|buenas|estimad[oa]s?|buongiorno|gentile|ola|bom dia"
    r"|dzien dobry|witam|czesc|szanown\w+|goede(?:morgen|middag)|beste|geachte|hej|hei|god (?:morgon|dag)|dobry den"
    r"|ahoj|szia|tisztelt|buna ziua|merhaba|all|team)\b[^.?!]{0,60}$"
)
SIGN_OFF = re.compile(
    r"^(?:(?:kind|best|warm|many|with)(?: \S+)? (?:regards|wishes|thanks)|regards|best|cheers|sincerely|yours"
    r"|thanks|thank you|many thanks|mit freundlichen|freundliche grusse|viele grusse|beste grusse|mfg|cordialement"
    r"|bien a vous|sinceres salutations|un saludo|saludos|atentamente|cordiali saluti|distinti saluti|saluti"
    r"|com os melhores|atenciosamente|cumprimentos|pozdrawiam|z powazaniem|met vriendelijke|groet\w*|med vanlig"
    r"|vanliga|halsningar|med venlig|mvh|vennlig hilsen|ystavallisin|s pozdravem|udvozlettel|cu stima)\b.{0,80}$"
)

CLOSING = re.compile(
    r"^(?:(?:kind(?:est)?|best|warm(?:est)?|with(?: best| kind)?) (?:regards|wishes)|regards|yours(?: \w+)?|sincerely"
    r"|(?:mit )?(?:freundlichen?|viele|beste|liebe) grusse?n?|mfg|(?:bien )?cordialement|un saludo|saludos"
    r"|(?:cordiali|distinti) saluti|pozdrawiam|z powazaniem|met vriendelijke groet\w*|med vanliga? halsning\w*|mvh)\W*$"
)
"""What stands above a name at the end of a mail."""

ASKS = _any_of(
    (
        r"\?|？",
        r"\b(?:can|could|would|will|may|might) (?:you|we|i|he|she|they|someone|somebody|anyone|it|the|my|our)\b",
        r"\bplease\b|\bpls\b|\bplz\b",
        r"\b(?:i|we) (?:\S+ )?(?:need|require|request|want|would like|'d like)\b|\bi'd like\b|\bin need of\b",
        r"\b(?:bitte|konnen sie|konnten sie|benotig\w+|brauche[n]?)\b",
        r"\b(?:pouvez|pourriez|pourrais|veuillez|s'il vous plait|merci de|svp|j'ai besoin|nous avons besoin)\b",
        r"\b(?:por favor|podria\w*|puede[ns]?|necesit\w+|solicit\w+)\b",
        r"\b(?:per favore|potete|potrebbe|potresti|vorrei|ho bisogno|si prega)\b",
        r"\b(?:prosze|prosimy|czy mozna|czy moge|potrzebuj\w+)\b",
        r"\b(?:kunt u|kun je|graag|alstublieft|alsjeblieft|wil graag|nodig)\b",
        r"\b(?:kan (?:ni|du|i)|vanligen|behover|venligst|vennligst)\b",
    )
)
"""Words that ask somebody for something."""

ASKS_ONE_READER = _any_of(
    (
        r"\b(?:can|could|would|will) (?:you|someone|somebody|anyone)\b(?! (?:be|see|find|notice)\b)",
        r"\b(?:i|we) (?:\S+ )?(?:need|require|request|would like)\b",
        r"\b(?:konnen|konnten) sie\b|\b(?:pouvez|pourriez)-vous\b|\bpodria\w*\b|\bpotete\b|\bkunt u\b|\bczy mozna\b",
    )
)
"""Asking that expects an answer; announcements to many say "please" as well, so that is not enough."""

NOTHING_TO_DO = _any_of(
    (
        r"\bno (?:action|reply|response|answer)(?: \S+){0,3}? (?:needed|required|necessary)\b",
        r"\bfor (?:your )?information only\b|\bfyi only\b|\bnothing (?:for you )?to do\b|\bno need to (?:do|reply|act)",
        r"\bnur zur (?:information|kenntnis)\b|\bpour information (?:seulement|uniquement)\b|\bsolo a titulo",
    )
)
NOTICE = _any_of(
    (
        r"\bwould like to recall the message\b|\bmochte die nachricht .{0,200} zuruckrufen\b",
        r"\breacted to (?:your|a) (?:message|e-?mail)\b",
    )
)
"""What programs say about other mails, without a header that marks them."""

UNSUBSCRIBE = _any_of(
    (
        r"\bunsubscribe\b|\bopt[ -]out of (?:these|this|our|future)\b|\bmanage (?:your )?(?:e-?mail )?preferences\b",
        r"\b(?:vom )?newsletter abmelden\b|\babbestellen\b|\bse desabonner\b|\bdesinscri\w+|\bdarse de baja\b",
        r"\bannulla(?:re)? (?:l')?iscrizione\b|\bdisiscriv\w+|\bwypisz (?:sie|mnie)\b|\buitschrijven\b|\bafmelden\b",
    )
)
"""What newsletters say at their end, also those without the headers of a list."""

BYPASS = _any_of(
    (
        r"\bas (?:we |i |just )?(?:discussed|agreed|talked|spoke\w*|mentioned|promised|per our)\b",
        r"\b(?:following|further to|after) (?:our|my) (?:chat|conversation|call|talk|discussion|phone call)\b",
        r"\bwie (?:besprochen|vereinbart|telefonisch)\b|\bcomme (?:convenu|discute)\b|\bcomo (?:hablamos|acordamos)\b",
        r"\bcome (?:d'accordo|concordato|discusso)\b|\b(?:jak|zgodnie z) (?:rozmaw\w+|rozmowa|ustal\w+)\b",
        r"\bzoals (?:besproken|afgesproken)\b|\bcomo (?:combinado|falamos)\b",
    )
)
"""Signs that a colleague was asked first and the desk only afterwards (INT-9)."""

_THANKS = """
thanks thank thankyou thx thnx tks ty ta cheers appreciated appreciate grateful danke dank merci gracias
grazie obrigado obrigada dziekuje dziekuję dzieki bedankt tack takk tak kiitos dekuji dakujem koszonom
multumesc спасибо дякую tesekkurler ευχαριστω 谢谢 ありがとうございます
"""
_BESIDE_THANKS = """
you u so very much a lot lots many million again for your the that this it is was all of to and i we
really both everyone everybody team help helping assistance support quick quickly fast prompt speedy
response reply answer work working works sorted fixed solved resolved done perfect perfectly brilliant
great good excellent wonderful fantastic super lovely amazing awesome superb nice ok okay now fine well
day weekend week evening have has been being too indeed ever hi hello hey dear kind best warm regards
wishes confirming letting me us know update information received got getting dealing with back today
yours sincerely job service happy that's it's you're everything kindness time effort efforts patience
guys folks worked turnaround news new one most much better yesterday sorting fixing solving resolving handling doing looking into stuff
speed speedily promptly swift swiftly trick did star stars lifesaver legend legends up running happily pleased glad heaps bunch
most vielen herzlichen besten schon sehr fur die ihre deine hilfe schnelle antwort super mit
freundlichen grussen liebe viele grusse beaucoup bien pour votre aide cordialement muchas mil por su
ayuda saludos mille molte tante per il suo aiuto muito bardzo za pomoc pozdrawiam hartelijk voor je uw
hulp met vriendelijke groet mange stort for hjelpen hjalpen
"""
THANKS = frozenset(_THANKS.split())
BESIDE_THANKS = frozenset(_BESIDE_THANKS.split())
"""Words of a thank-you, and words that may stand beside one without saying anything more."""

WAS_WELL = re.compile(
    r"\b(?:was|were) (?:\w+ )?(?:working|fine|ok|okay|well)\b|\bworked (?:\w+ ){0,2}(?:for|until|till|once|yesterday)\b"
)
"""What has gone wrong since then: words of thanks around it do not make it less of a complaint."""

FAILED_TITLE = re.compile(
    r"^(?:undeliver\w*|undelivered mail|delivery (?:has )?fail\w*|delivery status notification \(fail\w*\)"
    r"|mail delivery (?:failed|failure|system)|returned mail|failure notice|message (?:not delivered|undeliverable)"
    r"|unzustellbar|nicht zustellbar|non remis|echec (?:de la )?(?:remise|distribution)|no se puede entregar"
    r"|no entregado|mancato recapito|non recapitabile|niedostarczon\w+|nie mozna dostarczyc|onbestelbaar"
    r"|nao entregue|kan inte levereras|kunne ikke leveres|nedorucitelne)\b"
)
DELAY_TITLE = re.compile(
    r"^(?:delivery (?:is )?delay\w*|delivery status notification \(delay\)|delayed|warning: (?:could not|message)"
    r"|zustellung verzogert|verzogert\w*|retard\w*|remise retardee|entrega (?:retrasada|demorada)|opozniona|vertraagd)"
)
RECEIPT_TITLE = re.compile(
    r"^(?:read|not read|gelesen|nicht gelesen|ungelesen|lu|non lu|leido|no leido|letto|non letto|lida|nao lida"
    r"|przeczytan\w+|nieprzeczytan\w+|gelezen|niet gelezen|last|olast|lest|ulest|luettu|precteno|delivered|relayed"
    r"|expanded|read receipt|return receipt|delivery receipt)\s*(?:\(\w+\))?\s*[:：]"
)
RECEIPT_TEXT = re.compile(
    r"\byour message\b.{0,300}\bwas (?:read|displayed|opened|deleted|delivered)\b|\bwas (?:read|deleted without being"
    r" read) on\b|\bdelivery to these recipients.{0,40}(?:is )?complete|\bihre nachricht\b.{0,300}\bgelesen\b"
    r"|\bvotre message\b.{0,300}\ba ete (?:lu|affiche|supprime)|\b(?:su|tu) mensaje\b.{0,300}\bleido\b"
    r"|\bthis is a return receipt\b|\bil (?:suo|tuo) messaggio\b.{0,300}\bletto\b|\bwiadomosc\b.{0,200}\bprzeczytan"
)
"""How bounces, delay notices and receipts begin, and what receipts say."""

COVER = re.compile(
    r"\b(?:not sure|don't know|do not know|unsure|wrong|right|correct|which)\b.{0,40}\b(?:address|inbox|mailbox|team"
    r"|department|desk|place|people)\b|\b(?:re-?send(?:ing)?|sending|sent|send|forward(?:ing|ed)?|copying)\b.{0,40}"
    r"\b(?:again|here too|here as well|to you (?:too|as well)|once more|a second time|earlier|in case|this way)\b"
    r"|\bin case (?:it|this|you|my)\b.{0,40}\b(?:not|n't|missed|lost)\b|\bapologies (?:for|if)\b.{0,30}\b(?:twice"
    r"|again|duplicate|double)"
)

"""A line that only speaks of the sending itself."""

BAIT = re.compile(
    r"\b(?:password|mailbox|account|e-?mail|storage|quota|sign-?in|log-?in)\b.{0,60}\b(?:expir\w+|suspend\w*"
    r"|deactivat\w*|verif\w+|confirm\w*|unlock\w*|upgrade\w*|exceed\w*|full)\b.{0,400}https?://"
    r"|\b(?:gift cards?|wire transfer|bank transfer|supplier payment|urgent payment|payment (?:made|done) (?:before|today))"
    r"|\b(?:stay|keep (?:this|it)|remain) (?:strictly )?(?:between us|confidential|secret)\b"
    r"|\b(?:new|changed?|updated?) (?:bank|account) (?:details|account|number)\b"
)
"""What a stranger writes who wants money moved or a password typed."""
