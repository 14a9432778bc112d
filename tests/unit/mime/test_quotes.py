"""Quotes of the mail programs people use, in the languages of their menus (MAIL-5)."""

import pytest

REPLY = "From: a@b.example\nTo: c@d.example\nSubject: Re: leak\nIn-Reply-To: <1@d.example>\n"
FORWARD = "From: a@b.example\nTo: c@d.example\nSubject: FW: leak\n"


def plain(head, body):
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}"


def html(head, body):
    return f"{head}Content-Type: text/html; charset=utf-8\n\n<html><body>{body}</body></html>"


QUOTES = {
    "outlook": "From: Desk <c@d.example>\nSent: 3 February 2026\nTo: A <a@b.example>\nSubject: leak\n\nOLD",
    "outlook bold": "*From:* Desk <c@d.example>\n*Sent:* 3 February 2026\n*To:* A\n*Subject:* leak\n\nOLD",
    "outlook old": "-----Original Message-----\nFrom: D [mailto:c@d.example]\nSent: x\nSubject: leak\n\nOLD",
    "outlook german": "Von: Desk <c@d.example>\nGesendet: Dienstag, 3. Februar\nAn: A\nBetreff: leak\n\nOLD",
    "outlook french": "De : Desk <c@d.example>\nEnvoyé : mardi 3 février\nÀ : A\nObjet : leak\n\nOLD",
    "outlook polish": "Od: Desk <c@d.example>\nWysłano: wtorek\nDo: A\nTemat: leak\n\nOLD",
    "outlook spanish": "De: Desk <c@d.example>\nEnviado el: martes\nPara: A\nAsunto: leak\n\nOLD",
    "outlook italian": "Da: Desk <c@d.example>\nInviato: martedì\nA: A\nOggetto: leak\n\nOLD",
    "outlook swedish": "Från: Desk <c@d.example>\nSkickat: tisdag\nTill: A\nÄmne: leak\n\nOLD",
    "outlook chinese": "发件人: Desk <c@d.example>\n发送时间: 2026年2月3日\n收件人: A\n主题: leak\n\nOLD",
    "outlook web": "____________________\nFrom: D <c@d.example>\nSent: Tuesday\nTo: A\nSubject: x\n\nOLD",
    "many recipients": "From: D <c@d.example>\nSent: x\nTo: A <a@b.example>;\n B <b@b.ex>\nSubject: x\n\nOLD",
    "gmail": "On Tue, 3 Feb 2026 at 11:15, Desk <c@d.example> wrote:\n\n> OLD",
    "gmail wrapped": "On Tue, 3 Feb 2026 at 11:15, Desk of the Council\n<c@d.example> wrote:\n\n> OLD",
    "gmail unquoted": "On Tue, 3 Feb 2026 at 11:15, Desk <c@d.example> wrote:\nOLD",
    "gmail german": "Am Di., 3. Feb. 2026 um 11:15 Uhr schrieb Desk <c@d.example>:\n\n> OLD",
    "gmail french": "Le mar. 3 févr. 2026 à 11:15, Desk <c@d.example> a écrit :\n\n> OLD",
    "gmail polish": "wt., 3 lut 2026 o 11:15 Desk <c@d.example> napisał(a):\n\n> OLD",
    "gmail spanish": "El mar, 3 feb 2026 a las 11:15, Desk (<c@d.example>) escribió:\n\n> OLD",
    "gmail dutch": "Op di 3 feb 2026 om 11:15 schreef Desk <c@d.example>:\n\n> OLD",
    "gmail portuguese": "Em ter., 3 de fev. de 2026 às 11:15, Desk <c@d.example> escreveu:\n\n> OLD",
    "gmail italian": "Il giorno mar 3 feb 2026 alle ore 11:15 Desk <c@d.example> ha scritto:\n\n> OLD",
    "gmail swedish": "Den tis 3 feb. 2026 kl 11:15 skrev Desk <c@d.example>:\n\n> OLD",
    "gmail ukrainian style": "вт, 3 февр. 2026 г. в 11:15, Desk <c@d.example> написал(а):\n\n> OLD",
    "apple": "On 3 Feb 2026, at 11:15, Desk <c@d.example> wrote:\n\n> OLD\n> \n> OLD",
    "thunderbird": "On 03/02/2026 11:15, Desk wrote:\n> OLD",
    "samsung": "------ Original message ------\nFrom: D <c@d.example>\nDate: 3/2\nTo: A\nSubject: x\n\nOLD",
    "samsung german": "-------- Ursprüngliche Nachricht --------\nVon: D <c@d.example>\nDatum: 3.2.\n\nOLD",
    "apple polish": "Wiadomość napisana przez Desk <c@d.example> w dniu 3 lut 2026, o godz. 11:15:\n\n> OLD",
    "apple dutch": "Op 3 feb. 2026 om 11:15 heeft Desk <c@d.example> het volgende geschreven:\n\n> OLD",
    "apple portuguese": "No dia 03/02/2026, às 11:15, Desk <c@d.example> escreveu:\n\n> OLD",
    "thunderbird german": "Am 03.02.26 um 11:15 schrieb Desk:\n> OLD",
    "thunderbird french": "Le 03/02/2026 à 11:15, Desk a écrit :\n> OLD",
    "thunderbird polish": "W dniu 3.02.2026 o 11:15, Desk pisze:\n> OLD",
    "thunderbird finnish": "Desk kirjoitti 3.2.2026 klo 11.15:\n> OLD",
    "thunderbird hungarian": "2026. 02. 03. 11:15 keltezéssel, Desk írta:\n> OLD",
    "thunderbird czech": "Dne 03. 02. 26 v 11:15 Desk napsal(a):\n> OLD",
    "mail.ru": "Вторник, 3 февраля 2026, 11:15 +03:00 от Desk <c@d.example>:\n\nOLD",
    "outlook welsh": "Oddi wrth: Desk <c@d.example>\nAnfonwyd: 3 Chwefror\nAt: A\nPwnc: leak\n\nOLD",
    "own line": "-- Reply above this line --\n\nOLD",
}


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
def test_what_is_quoted_below_is_cut(read, quote):
    mail = read(plain(REPLY, f"The tap drips.\n\nAnna\n\n{quote}\n"))
    assert mail.new_text == "The tap drips.\n\nAnna"
    assert "OLD" in mail.quoted_text
    assert mail.forwarded == ()


PAGES = {
    "outlook web": '<div>NEW</div><hr><div id="divRplyFwdMsg"><b>X:</b> Y</div><p>OLD</p>',
    "new outlook": '<div>NEW</div><div id="mail-editor-reference-message-container"><div>OLD</div></div>',
    "gmail": '<div>NEW</div><div class="gmail_quote"><div class="gmail_attr">On 3 Feb 2026, D &lt;c@d.ex'
    '&gt; wrote:<br></div><blockquote class="gmail_quote"><div>OLD</div></blockquote></div>',
    "apple": '<div>NEW</div><blockquote type="cite"><div>On 3 Feb, D wrote:</div><div>OLD</div></blockquote>',
    "thunderbird": '<p>NEW</p><div class="moz-cite-prefix">On 3/2 11:15, D wrote:<br></div>'
    '<blockquote type="cite"><p>OLD</p></blockquote>',
    "yahoo": '<div>NEW</div><div id="yahoo_quoted_1" class="yahoo_quoted"><div>OLD</div></div>',
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_without_plain_text_is_cut_by_its_structure(read, page):
    mail = read(html(REPLY, page))
    assert mail.new_text == "NEW"
    assert "OLD" in mail.quoted_text
    assert "\ue000" not in mail.text


def test_the_structure_of_the_page_helps_where_the_plain_text_shows_no_quote(read):
    mail = read(
        f"{REPLY}Content-Type: multipart/alternative; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nNEW\n\nOLD\n"
        f"--b\nContent-Type: text/html\n\n{PAGES['outlook web']}\n--b--\n"
    )
    assert mail.new_text == "NEW"


def test_an_indented_paragraph_of_outlook_web_is_no_quote(read):
    mail = read(
        html(REPLY, '<div>Before</div><blockquote style="margin-top:0"><div>Indented</div></blockquote>')
    )
    assert "Indented" in mail.new_text


FOOTERS = [
    "Sent from my iPhone",
    "Sent from Outlook for Android",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Get Outlook for Android",
    "Sent from Mail for Windows",
    "Sent from my Samsung Galaxy smartphone.",
    "Sent from Yahoo Mail on Android",
    "Envoyé de mon iPhone",
    "Envoyé à partir de Outlook pour iOS",
    "Von meinem iPhone gesendet",
    "Gesendet von Outlook für iOS",
    "Wysłane z iPhone'a",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
]


@pytest.mark.parametrize("footer", FOOTERS)
def test_what_a_phone_adds_is_cut(read, footer):
    assert read(plain(REPLY, f"The tap drips.\n\n{footer}\n")).new_text == "The tap drips."


@pytest.mark.parametrize(
    "line",
    [
        "Sent from the depot on Monday by van.",
        "From: 20 July 2026\nTo: 27 July 2026\nReason: holiday",
        "On 3 March I wrote to the supplier about:\nthe broken tap",
        "Date: 3 March 2026\nTo: Riverside Depot\nFrom: Town Hall",
        "He wrote: no",
        "Yesterday at 10:30 she wrote:\nthe tap is broken",
    ],
)
def test_lines_that_only_look_like_it_stay(read, line):
    assert line in read(plain(REPLY, f"Hello\n\n{line}\n\nAnna")).new_text


def test_a_signature_below_two_dashes_is_cut(read):
    assert read(plain(REPLY, "The tap drips.\n\n-- \nAnna\nTown Hall\n")).new_text == "The tap drips."


def test_two_dashes_above_a_long_text_are_no_signature(read):
    text = "\n".join(f"line {number}" for number in range(30))
    assert "line 29" in read(plain(REPLY, f"Hello\n--\n{text}\n")).new_text


def test_a_warning_of_the_mail_system_is_cut(read):
    banner = "CAUTION: This email originated from outside of the organisation. Do not click links."
    assert read(plain(REPLY, f"{banner}\n\nThe tap drips.")).new_text == "The tap drips."


PASSED_ON = {
    "outlook": "From: Eve <e@f.example>\nSent: 3 February 2026\nTo: A <a@b.example>\nSubject: tap\n\nBODY",
    "gmail": "---------- Forwarded message ---------\nFrom: Eve <e@f.example>\nDate: Tue, 3 Feb at 11:15\n"
    "Subject: tap\nTo: A <a@b.example>\n\n\nBODY",
    "apple": "Begin forwarded message:\n\n> From: Eve <e@f.example>\n> Subject: tap\n> Date: 3 February\n"
    "> To: A <a@b.example>\n> \n> BODY",
    "thunderbird": "-------- Forwarded Message --------\nSubject: \ttap\nDate: \tTue, 3 Feb 2026 11:15\n"
    "From: \tEve <e@f.example>\nTo: \tA <a@b.example>\n\nBODY",
    "outlook links": "From: Eve<mailto:e@f.example>\nSent: x\nTo: A<mailto:a@b.example>; B\nSubject: tap\n\nBODY",
    "outlook brackets": "From: Eve [mailto:e@f.example]\nSent: x\nTo: A <a@b.example>\nSubject: tap\n\nBODY",
    "german": "Von: Eve <e@f.example>\nGesendet: Dienstag\nAn: A <a@b.example>\nBetreff: tap\n\nBODY",
}


@pytest.mark.parametrize("passage", PASSED_ON.values(), ids=PASSED_ON)
def test_a_forwarded_mail_is_content_with_its_own_sender(read, passage):
    mail = read(plain(FORWARD, f"Please see below.\n\n{passage}\n"))
    (passed_on,) = mail.forwarded
    assert mail.new_text == "Please see below."
    assert passed_on.sender.address == "e@f.example"
    assert passed_on.to[0].address == "a@b.example"
    assert passed_on.subject == "tap"
    assert passed_on.text == "BODY"
    assert mail.quoted_text == ""


def test_a_forwarded_thread_gives_each_mail_of_it(read):
    below = PASSED_ON["outlook"].replace("e@f.example", "g@f.example").replace("BODY", "FIRST")
    mail = read(plain(FORWARD, f"See below.\n\n{PASSED_ON['outlook']}\n\n{below}\n"))
    assert [(each.sender.address, each.text) for each in mail.forwarded] == [
        ("e@f.example", "BODY"),
        ("g@f.example", "FIRST"),
    ]


def test_a_forward_inside_a_conversation_is_still_a_forward(read):
    head = FORWARD + "In-Reply-To: <1@d.example>\nReferences: <1@d.example>\n"
    assert read(plain(head, f"See below.\n\n{PASSED_ON['outlook']}\n")).forwarded[0].text == "BODY"


def test_a_reply_to_a_forwarded_mail_quotes_it(read):
    head = REPLY.replace("Re: leak", "Re: FW: leak")
    assert read(plain(head, f"Thanks.\n\n{PASSED_ON['outlook']}\n")).forwarded == ()


def test_a_mail_that_answers_nothing_cannot_quote(read):
    mail = read(plain("From: a@b.example\nSubject: settings\n", "> Open Settings\n> Press Mail\n"))
    assert mail.new_text == "> Open Settings\n> Press Mail"


def test_flowed_lines_are_put_together(read):
    mail = read(f"{REPLY}Content-Type: text/plain; format=flowed\n\nThe tap \ndrips.\n> OLD \n> text\n")
    assert mail.new_text == "The tap drips."
    assert mail.quoted_text == "> OLD text"


def test_text_right_above_an_introduction_stays(read):
    mail = read(
        plain(REPLY, "The tap drips.\nOn 3 Feb 2026 at 11:15, Desk <c@d.example> wrote:\n> OLD\n\nAnna")
    )
    assert mail.new_text == "The tap drips.\n\nAnna"


def test_a_tag_before_the_prefix_of_the_subject_changes_nothing(read):
    head = FORWARD.replace("FW:", "[EXTERNAL] FW:") + "References: <1@d.example>\n"
    assert read(plain(head, f"See below.\n\n{PASSED_ON['outlook']}\n")).forwarded[0].text == "BODY"


def test_an_address_with_its_link_behind_it_is_said_once(read):
    mail = read(plain(REPLY, "Account: temp31@b.example<mailto:temp31@b.example>"))
    assert mail.new_text == "Account: temp31@b.example"
