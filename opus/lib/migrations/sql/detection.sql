-- An address of IPv6 counts by its /64, which one line owns whole; a network is a /16,
-- or a /32 of IPv6 (S39). An agent counts without its versions: they change every month.
CREATE FUNCTION opus_network(address inet, bits integer, bits6 integer) RETURNS inet
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN network(set_masklen(
        address, CASE family(address) WHEN 4 THEN bits ELSE bits6 END
    ))::inet;

CREATE FUNCTION opus_agent(agent text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(agent, '[0-9._]+', '', 'g');

-- The persons that an account saw of late, counted by one at a time (S25).
--
-- The count is a statement of its own inside a volatile function: it sees what the
-- others committed while this one waited for the lock. In plain SQL it would not.
CREATE FUNCTION opus_persons_seen(account bigint, since timestamptz, actions text[])
RETURNS TABLE (person uuid, last_at timestamptz) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('opus.ceilings:' || account, 0));
    RETURN QUERY
        SELECT seen, max(entry.at)
        FROM lib_auditentry entry, unnest(entry.person_ids) seen
        WHERE entry.actor_id = account AND entry.at > since
          AND entry.action = ANY(actions)
        GROUP BY seen ORDER BY 2;
END $$;
