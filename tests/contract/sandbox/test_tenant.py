"""A tenant as a thing of its process."""

import gc
import weakref

from sandbox.tenant import Tenant


def test_a_stopped_tenant_leaves_nothing_in_memory() -> None:
    with Tenant() as tenant:
        store = weakref.ref(tenant.store)
    del tenant
    gc.collect()
    assert store() is None
