import pytest
from tests.accounts.factories import *
from tests.desk.test_links import populate
from tests.browser.people import sign_in
from tests.admin.registers import record_url
from accounts.structures.models import Structure

SIZES = {"1280": (1280, 900), "1366": (1366, 657), "360": (360, 740)}

def shoot(visitor, name, sizes=SIZES, full=True):
    for size, (w, h) in sizes.items():
        visitor.page.set_viewport_size({"width": w, "height": h})
        visitor.page.wait_for_timeout(150)
        wide = visitor.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        print(name, size, "sideways", wide)
        visitor.page.screenshot(path=f"/tmp/shots/{name}-{size}.png", full_page=full)

def test_pictures(visitor):
    nation = FtAdminFactory()
    sign_in(visitor, nation)
    visitor.open("/admin/")
    shoot(visitor, "desk-empty")
    new = StructureFactory(name="CCAS de Montbrion", convention=None)
    visitor.open(record_url(new))
    shoot(visitor, "hub-empty")
    structure = populate()
    ConventionFactory.create_batch(6)
    visitor.open("/admin/")
    visitor.expect_accessible()
    shoot(visitor, "desk-nation")
    visitor.open(record_url(structure))
    visitor.expect_accessible()
    shoot(visitor, "hub-nation")
    visitor.page.set_viewport_size({"width": 1280, "height": 900})
    visitor.page.get_by_label("Chercher une structure").fill("essai")
    visitor.page.get_by_role("button", name="Chercher", exact=True).click()
    visitor.expect_accessible()
    shoot(visitor, "search")
    visitor.page.get_by_label("Chercher une structure").fill("zzzz qq")
    visitor.page.get_by_role("button", name="Chercher", exact=True).click()
    shoot(visitor, "search-none")
    visitor.open("/admin/accounts/convention/")
    visitor.expect_accessible()
    shoot(visitor, "list")
    agent = AgentFactory(agency=structure.__class__.objects.get(pk=structure.pk).agency)
    sign_in(visitor, agent)
    visitor.open("/admin/")
    shoot(visitor, "desk-agent")
    visitor.open(record_url(structure))
    shoot(visitor, "hub-agent")
