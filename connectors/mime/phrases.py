"""Words that mail clients write around quotes and under mails, in the languages of their menus."""

import re

_FROM = (
    "From Von De Da Van Från Fra Od Lähettäjä От Kimden Feladó Expéditeur Mittente Remitente Afzender"
    " Από De|la Oddi|wrth Від Saatja Odesílatel Pošiljatelj Gönderen 发件人 寄件者 差出人 보낸|사람"
)
_SENT = (
    "Sent Date Gesendet Datum Envoyé Envoyé|le Enviado Enviado|el Enviado|em Enviada|em Fecha Data Inviato"
    " Verzonden Skickat Sendt Dato Wysłano Wysłane Lähetetty Päivämäärä Päiväys Отправлено Дата Odesláno"
    " Odoslané Elküldve Dátum Gönderildi Gönderilme Tarih Trimis Ημερομηνία Στάλθηκε Anfonwyd"
    " Dyddiad Надіслано 发送时间 日期 送信日時 日付 보낸|날짜 날짜"
)
_TO = (
    "To An À A Para Aan Till Til Do Komu Vastaanottaja Кому Címzett Kime Către Προς At"
    " 收件人 收件者 宛先 받는|사람"
)
_CC = (
    "Cc CC Kopie Kopia Копия Kopi Copia Másolatot|kap Bilgi 抄送 副本 참조"
    " Bcc Reply-To Responder|a Importance Organization"
)
_SUBJECT = (
    "Subject Betreff Objet Asunto Assunto Oggetto Onderwerp Ämne Emne Temat Aihe Тема Předmět Predmet Tárgy"
    " Konu Subiect Pwnc Θέμα Tema Zadeva 主题 主旨 件名 제목"
)


def _words(text: str) -> str:
    return "|".join(re.escape(word).replace(r"\|", " ") for word in text.split())


HEADER_LINE = re.compile(
    r"^[ \t>*]{0,8}(?:"
    rf"(?P<sender>{_words(_FROM)})|(?P<sent>{_words(_SENT)})|(?P<to>{_words(_TO)})"
    rf"|(?P<cc>{_words(_CC)})|(?P<subject>{_words(_SUBJECT)})"
    r")[ \t]?[*]{0,2}[ \t]?[:：][ \t*]*(?P<value>.{0,2000})$",
    re.IGNORECASE,
)
"""A line such as "Sent: 12 February 2026", in bold or quoted or neither; the group names its kind."""

_ORIGINAL = (
    "Original Message|Original Appointment|Ursprüngliche Nachricht|Originalnachricht|Message d'origine"
    "|Message original|Mensaje original|Mensagem original|Messaggio originale|Oorspronkelijk bericht"
    "|Oorspronkelijke e-mail|Originalmeddelande|Ursprungligt meddelande|Oprindelig meddelelse"
    "|Original melding|Oryginalna wiadomość|Wiadomość oryginalna|Alkuperäinen viesti|Исходное сообщение"
    "|Původní zpráva|Eredeti üzenet|Orijinal Mesaj|Mesaj original|Reply message"
    "|原始邮件|元のメッセージ|원본 메시지"
)
_PASSED_ON = (
    "Forwarded message|Forwarded by .{1,80}|Weitergeleitete Nachricht|Message transféré"
    "|Message transmis|Mensaje reenviado|Mensagem encaminhada|Messaggio inoltrato|Doorgestuurd bericht"
    "|Vidarebefordrat meddelande|Videresendt (?:meddelelse|melding)|Wiadomość przekazana|Przekazana wiadomość"
    "|Treść przekazanej wiadomości|Välitetty viesti|Пересылаемое сообщение|Přeposlaná zpráva"
    "|Továbbított üzenet|İletilen [İi]leti|转发邮件|転送メッセージ|전달된 메시지"
)
ORIGINAL = re.compile(rf"^[ \t>]{{0,8}}[-_=]{{2,}}[ \t]*(?:{_ORIGINAL})[ \t]*[-_=]*[ \t]*$", re.IGNORECASE)
PASSED_ON = re.compile(
    rf"^[ \t>]{{0,8}}(?:[-_=]{{2,}}[ \t]*(?:{_PASSED_ON})[ \t]*[-_=]*"
    r"|(?:Begin forwarded message|Anfang der weitergeleiteten Nachricht|Début du message réexpédié"
    r"|Début du message transféré|Inicio del mensaje reenviado"
    r"|Início da mensagem (?:reencaminhada|encaminhada)"
    r"|Inizio messaggio inoltrato|Begin doorgestuurd bericht|Vidarebefordrat brev|Start på videresendt besked"
    r"|Początek przekazywanej wiadomości)[ \t]*[:：]?)[ \t]*$",
    re.IGNORECASE,
)
ABOVE_THIS_LINE = re.compile(
    r"^[ \t]*[-–—#*=_]{0,20}[ \t]*(?:please[ \t]+)?(?:reply|write|type your reply)[ \t]+above this line\b"
    r".{0,80}$",
    re.IGNORECASE,
)
RULE = re.compile(r"^[ \t>]{0,8}[_\-–—=]{8,}[ \t]*$")

_LEAD = "On|Le|Am|El|Il|Em|Op|Den|Dne|Dňa|W dniu|Dnia|La data de|În|Pe|Στις|V|Dana|Na"
INTRO_START = re.compile(
    rf"^[ \t]*(?:(?:{_LEAD})\b.{{0,400}}\d|\w{{2,10}}[.,]{{0,2}} \d|\d{{1,4}}[./-年]).{{0,400}}$",
    re.IGNORECASE,
)
_WROTE = (
    r"wrote|writes|a écrit|schrieb|escribió|ha scritto|escreveu|schreef|heeft .{2,160} geschreven|skrev"
    r"|kirjoitti|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|pisze|napisał(?:\(a\)|a)?|a scris|έγραψε|je napisao"
    r"|пишет|написал(?:\(а\)|а)?|пише|írta|yazdı|ysgrifennodd|のメール|写道|寫道|작성"
)
INTRO = re.compile(
    r"^[ \t]*(?:"
    rf"\S.{{4,400}}?(?:{_WROTE})\b.{{0,160}}?"
    r"|Wiadomość napisana przez .{3,200}"
    r"|.{0,200}\d{1,2}:\d{2}.{0,200}<[^<>\s@]{1,100}@[^<>\s]{3,200}>"
    r")[ \t]*[:：][ \t]*$",
    re.IGNORECASE,
)
"""A line such as "On 9 Feb 2026, at 14:57, Somebody <a@b.example> wrote:"."""

_DEVICE = r"[\w .,'’()+/\-]{0,60}"
FOOTER = re.compile(
    r"^[ \t]*(?:"
    rf"(?:Sent|Envoyé|Gesendet|Enviado|Enviada|Inviato|Verzonden|Verstuurd|Skickat|Sendt|Wysłano|Wysłane"
    rf"|Lähetetty|Odesláno|Odoslané|Отправлено|Trimis|Elküldve)[ \t]+"
    rf"(?:from|via|using|with|depuis|à partir de|de|von|mit|aus|desde|do|da|dal|dall['’]|vanaf|van|med|från"
    rf"|fra|z|ze|con|из|с|din|a)\b[ \t]*{_DEVICE}(?:<?https?://\S{{1,300}})?\.?"
    rf"|Von mein\w{{0,2}} {_DEVICE} gesendet\.?"
    rf"|(?:Lähetetty|Elküldve|Küldve) {_DEVICE}"
    rf"|{_DEVICE}(?:iPhone|iPad|Android|Samsung|Galaxy)\w{{0,12}} (?:küldve|gönderildi|lähetetty|から送信)\.?"
    r"|iPhoneから送信|iPhone에서 보냄|发自我的 ?\w{1,20}"
    r"|(?:Get|Download|Télécharger|Obtenez|Holen Sie sich|Obtener|Obtén|Scarica|Ottieni|Pobierz|Hämta|Hent"
    r"|Obter)\b[^\n]{0,20}\bOutlook\b[^\n]{0,40}?(?:<?https?://\S{1,300})?"
    r"|Yahoo Mail: .{0,60}"
    r"|Outlook für (?:iOS|Android) beziehen(?:<?https?://\S{1,300})?"
    r")[ \t]*$",
    re.IGNORECASE,
)
"""What a phone or program adds under a mail. "Sent from" needs a device or program: see quotes.is_footer."""

DEVICE = re.compile(
    r"iphone|ipad|ipod|apple|android|samsung|galaxy|outlook|mobil|portable|handy|smartphone|telefon|phone"
    r"|blackberry|windows|yahoo|gmail|proton|thunderbird|mail\b|huawei|xiaomi|pixel|nokia|oneplus|tablet"
    r"|surface|gmx|web\.de|mymail|spark|superhuman|телефон|мобильн|我的",
    re.IGNORECASE,
)

BANNER = re.compile(
    r"^[ \t]*(?:\[?(?:CAUTION|WARNING|EXTERNAL|ACHTUNG|ATTENTION)\]?[:!\- ]{1,4}.{0,60}"
    r"\b(?:email|e-mail|message|mail)\b.{0,40}\b(?:outside|external|externe|extern)\b.{0,400}"
    r"|You don['’]t often get (?:e?-?mail|messages?) from .{1,300}"
    r"|Some people who received this message don['’]t often get email from .{1,300})$",
    re.IGNORECASE,
)
"""A warning that the receiving organisation put above a mail."""

_TAGS = r"^[ \t]*(?:\[[^\]\n]{1,40}\][ \t]*){0,3}"  # [EXTERNAL], [NC-004101]
REPLY_PREFIX = re.compile(
    _TAGS + r"(?:re|r|aw|antw|antwort|ref|rif|sv|odp|res|ynt|vá|回复|回覆|答复|返信|回信|σχετ)"
    r"(?:\[\d+\])?[ \t]*[:：]",
    re.IGNORECASE,
)
FORWARD_PREFIX = re.compile(
    _TAGS + r"(?:fw|fwd|wg|tr|rv|enc|i|pd|vb|vl|vidarebefordrat|doorst|fs|továbbítás|ilt|i̇lt|πρθ"
    r"|转发|轉寄|轉發|転送|전달)(?:\[\d+\])?[ \t]*[:：]",
    re.IGNORECASE,
)
