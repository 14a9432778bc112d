"""Requests in plain sentences: the type is right, or a person chooses; it is never a wrong one (INT-7)."""

# ruff: noqa: E501 - mails stand as they would be written

import pytest

from connectors.mime import read_mail
from schemas.mail import MailMessage
from schemas.reading import Reading
from tests.unit.second_set.requests import REQUESTS
from tests.unit.second_set.scene import sent
from tests.unit.second_set.test_labelled import understood

PLAIN = [
    ("hr.policy_query","hr","Leave","Can I carry over five days of annual leave into next year? I could not take them because of the election."),
    ("hr.policy_query","hr","Question","Hello, my grandmother died on Sunday. How many days of bereavement leave do I get?"),
    ("hr.new_starter","hr","New starter 1 April","We have a new starter, a Planning Assistant, starting on 1 April 2026 at the Town Hall, VAC-2101. She needs a standard laptop. Charge PL1400."),
    ("hr.role_change","hr","Acting up","E005904 will be acting up as team leader from 1 March 2026. Cost centre stays BN2200."),
    ("hr.leaver","hr","Resignation","One of my drivers, E009127, has resigned. His last day is 20 March 2026. He will hand his kit in person."),
    ("hr.absence","hr","Off sick","E009127 has been off sick since Thursday and will send a fit note."),
    ("hr.absence","confidential.hr","Sick","I am off sick with flu since yesterday. Back on Friday I think."),
    ("hr.parental_leave","hr","Baby","My baby is due on 20 June and I would like to start maternity leave on 1 June. MATB1 to follow."),
    ("hr.grievance","hr","Private","I want to raise a grievance about bullying by my supervisor. He shouted at me again today."),
    ("hr.right_to_work","hr","RTW","Please do a right to work check for VAC-2101, share code W4X 9P2 K7T, she starts on 1 April."),
    ("it.access_request","access","Access","Please can you give Planning Assistant 2 read only access to GIS maps by Friday?"),
    ("it.incident","it.help","Printer","The printer on the second floor is not working, it says paper jam but there is none."),
    ("it.incident","it.help","Wifi slow","Wifi in the Civic Centre is very slow since this morning."),
    ("it.account_recovery","it.help","Locked out","I am locked out of my account, I forgot my password. Please call me on 4417."),
    ("it.equipment","it.help","Headset","Could I have a new headset please? Mine is very old. Cost centre HS3100."),
    ("it.security_incident","it.help","Strange mail","I clicked a link in a suspicious email this morning and typed my password. I am worried it was phishing."),
    ("it.security_incident","security","Lost laptop","I lost my laptop on the train last night. Tag NG-LT-20417."),
    ("fin.expense_claim","finance.help","Train","Please reimburse my train fare of £38.20 on 11 February, receipt attached."),
    ("fin.payroll_query","payroll","Pay","I have not been paid for the overtime in January."),
    ("fin.payroll_query","finance.help","Payslip","My payslip shows the wrong tax code since January."),
    ("fin.purchase_request","procurement","Ropes","We want to buy six lane ropes for £1,480 from Poolside Trading. Quote attached. Please raise a PO."),
    ("fin.supplier_setup","procurement","New supplier","Please set up Fernhill Joinery Ltd as a new supplier, company number 07654321."),
    ("fin.invoice_query","finance.help","Invoice GT-20931","Greenway Tools say invoice GT-20931 for PO118377 is unpaid. Can you check?"),
    ("fac.building_pass","facilities","Pass","I lost my pass. Could I get a new swipe card for the Civic Centre please?"),
    ("fac.repair","facilities","Leak","There is a leak under the sink in the kitchen at Central Library, the floor is wet."),
    ("fac.repair","servicedesk","Heating","The heating at Riverside Depot does not work, it is far too cold in the office."),
    ("leg.contract_review","legal","NDA","Please review the attached NDA with Larkspur Play CIC before 6 March."),
    ("leg.data_protection","dpo","Data breach","I sent a letter with personal data to the wrong recipient this morning."),
    ("leg.data_protection","hr","My data","I would like to make a subject access request for my personnel file, all information held about me."),
    ("fin.expense_claim","hr","Expenses","Please find my expense claim for mileage, 42 miles, £18.90 on 10 February 2026."),
    ("it.incident","facilities","Screen","The screen of my computer is broken, it shows an error."),
    ("fac.repair","it.help","Lift","The lift at the Town Hall is stuck between floors."),
    ("it.equipment","hr","Monitor","Can I please get a second screen, a 24 inch monitor, for home?"),
    ("fac.building_pass","it.help","Door access","My swipe card does not open the side door. I need door access to the second floor."),
]  # fmt: skip
MIXED = [
    ("it.incident","it.help","Laptop","My laptop is broken, the screen flickers, so I cannot send my expense claim or book annual leave."),
    ("fin.expense_claim","finance.help","Expenses for a course","Expense claim for the data protection training: train fare £22.10 and parking. Receipts attached. My password works again by the way."),
    ("fac.repair","facilities","Broken window","A window is broken in the room where IT keeps the laptop store. The lock is fine and nothing is stolen."),
    ("it.access_request","access","Access for new starter","Our new starter needs access to the shared drive, read only, from 2 March. His laptop and pass are sorted."),
    ("hr.new_starter","hr","New starter needs laptop and pass","New starter on 2 March, vacancy VAC-2111, needs a laptop, a building pass and access to the planning portal."),
    ("hr.leaver","hr","Leaver: return of laptop and phone","E009127 is leaving, last day 27 March. He has a laptop, a mobile phone and a pass."),
    ("fin.invoice_query","finance.help","Unpaid invoice for toilets","The invoice for the leak repair in the toilet at Central Library is overdue. Invoice TL-19."),
    ("fin.payroll_query","payroll","Sick pay","I was underpaid in January while I was off sick. £112 is missing."),
    ("hr.absence","hr","Fit note and pay","My fit note is attached. Will my salary be right?"),
    ("it.account_recovery","it.help","Password after phishing course","After the phishing training I changed my password and now I am locked out. Please reset it."),
    ("it.equipment","it.help","Laptop for new starter","Please order a laptop for our new starter, cost centre HS3100, quantity 1."),
    ("fac.building_pass","facilities","Visitor pass","A visitor from a supplier needs a pass for the Town Hall on 3 March, to fix a printer."),
    ("leg.contract_review","legal","Lease for offices","Please look at the draft lease, term five years, £20,000. The heating clause worries me."),
    ("hr.policy_query","hr","Policy on expenses","Does the travel policy allow first class train fares? I do not want to claim now."),
    ("fin.purchase_request","procurement","Purchase of boilers","Please raise a purchase order for two boilers, quote attached, £8,200, supplier Warm Ltd."),
    ("fin.supplier_setup","procurement","Bank details changed","Our cleaning firm has new bank details, form attached. Invoices are unpaid."),
    ("it.security_incident","it.help","Suspicious email about an invoice","I got a suspicious email with an invoice from a supplier and asking to change bank details. I did not click."),
    ("leg.data_protection","servicedesk","Email to wrong recipient","I emailed a spreadsheet with personal data of 40 tenants to the wrong recipient, a data breach I think."),
    ("hr.grievance","servicedesk","Complaint","I want to make a complaint about my manager. She is hostile and I am treated unfairly since my maternity leave."),
    ("leg.data_protection","hr","My data","I would like to make a subject access request for my personnel file, all information held about me."),
    ("leg.data_protection","it.help","Copy of my emails","This is a subject access request. Please send all personal data and emails about me."),
]  # fmt: skip
"""Words of several types in one mail."""


def reading(kind: str, box: str, subject: str, text: str) -> Reading:
    step = sent(text, sender=REQUESTS[kind].sender, to=f"{box}@northgate.example", subject=subject)
    mail = read_mail(step.raw, mailbox=step.mailbox, remote_id="r1", received_at=step.at)
    assert isinstance(mail, MailMessage)
    verdict, found = understood(mail)
    assert verdict.action == "new_case"
    return found


@pytest.mark.parametrize(("kind", "box", "subject", "text"), PLAIN)
def test_a_plain_request_is_understood(kind: str, box: str, subject: str, text: str) -> None:
    assert reading(kind, box, subject, text).request_type == kind


@pytest.mark.parametrize(("kind", "box", "subject", "text"), MIXED)
def test_a_mixed_request_is_never_misunderstood(kind: str, box: str, subject: str, text: str) -> None:
    assert reading(kind, box, subject, text).request_type in {kind, None}


def test_most_mixed_requests_are_understood() -> None:
    right = [each for each in MIXED if reading(*each).request_type == each[0]]
    assert len(right) >= 16
