from opus.operations.invariants import admin as invariants_admin
