"""What makes the database itself refuse to change or delete an event; migration `history` puts it on.

A trigger lets number and chain be set together, once, by the sweep that seals; every other UPDATE and every DELETE
fails. Attack stopped: rewriting the history through a fault in the portal, or by whoever has the portal's rights on rows
(the owner of the table can drop a trigger; `manage.py verify_history` finds what was done then).

Part of a migration: once released it is never edited. SQLite drops triggers when a later migration remakes the table;
tests/accounts/test_chain.py fails then, and that migration has to put them on again.
"""

TABLE = "accounts_securityevent"
COLUMNS = ("id", "user_id", "type", "at", "actor", "network", "agent", "request_id", "data")
ON = {
    "sqlite": [
        f"""CREATE TRIGGER history_is_sealed_once BEFORE UPDATE ON {TABLE}
            WHEN OLD.sequence IS NOT NULL OR OLD.chain <> '' OR NEW.sequence IS NULL OR NEW.chain = ''
            OR {" OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in COLUMNS)}
            BEGIN SELECT RAISE(ABORT, 'events are never changed'); END""",
        f"""CREATE TRIGGER history_keeps_events BEFORE DELETE ON {TABLE}
            BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END""",
    ],
    "postgresql": [
        """CREATE FUNCTION history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF OLD.sequence IS NULL AND OLD.chain = '' AND NEW.sequence IS NOT NULL AND NEW.chain <> ''
                        AND to_jsonb(NEW) - 'sequence' - 'chain' = to_jsonb(OLD) - 'sequence' - 'chain'
                    THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'events are never changed' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RAISE EXCEPTION 'events are never deleted' USING ERRCODE = 'integrity_constraint_violation';
            END $$""",
        f"""CREATE TRIGGER history_keeps_events BEFORE UPDATE OR DELETE ON {TABLE}
            FOR EACH ROW EXECUTE FUNCTION history_is_append_only()""",
        f"""CREATE TRIGGER history_keeps_its_table BEFORE TRUNCATE ON {TABLE}
            FOR EACH STATEMENT EXECUTE FUNCTION history_is_append_only()""",
    ],
}
OFF = {
    "sqlite": ["DROP TRIGGER history_is_sealed_once", "DROP TRIGGER history_keeps_events"],
    "postgresql": [
        f"DROP TRIGGER history_keeps_events ON {TABLE}",
        f"DROP TRIGGER history_keeps_its_table ON {TABLE}",
        "DROP FUNCTION history_is_append_only",
    ],
}
