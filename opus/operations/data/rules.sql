CREATE OR REPLACE FUNCTION public.opus_admin_confirms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_user WHERE id = NEW.confirmed_by_id AND role = 'admin'
    ) THEN
        RAISE EXCEPTION 'Un administrateur de France Travail confirme : les agents proposent.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_adviser_is_open()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    its_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.adviser_id = OLD.adviser_id THEN
        RETURN NEW;
    END IF;
    SELECT state INTO its_state FROM accounts_user WHERE id = NEW.adviser_id FOR SHARE;
    IF its_state = 'ferme' AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE id = NEW.transfer_id AND state = 'rendu' AND account_id = NEW.adviser_id
          AND applied_in = pg_current_xact_id()::text::bigint
    ) THEN
        RAISE EXCEPTION 'Un compte fermé n’accompagne personne.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_agent(agent text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(agent, '[0-9._]+'::text, ''::text, 'g'::text);

CREATE OR REPLACE FUNCTION public.opus_allow_moves()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT coalesce((TG_ARGV[0]::jsonb -> OLD.state) ? NEW.state, false) THEN
        RAISE EXCEPTION '%: % → % n’est pas un passage permis.',
            TG_TABLE_NAME, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_analyze_offers()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    ANALYZE offers_offer, offers_offersearch;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_answer_what_was_done()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsgesture
        WHERE request_id = NEW.id AND kind <> 'rien'
          AND opus_answered_by(NEW."right", kind)
    ) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM support_rightsgesture WHERE request_id = NEW.id AND kind = 'rien'
    ) THEN
        RAISE EXCEPTION 'Rien n’a encore été fait pour cette demande : faites d’abord ce qu’elle demande, en tout ou en partie, ou refusez-la avec un motif.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM opus_hold_nothing_true(NEW);
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_answered_by(its_right text, its_kind text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
AS $function$
    SELECT CASE its_kind
        WHEN 'copie' THEN its_right = 'acces'
        WHEN 'rectification' THEN its_right = 'rectification'
        WHEN 'effacement' THEN its_right = 'effacement'
        WHEN 'limitation' THEN its_right = 'limitation'
        WHEN 'opposition' THEN its_right = 'opposition'
        WHEN 'transmission' THEN its_right <> 'acces'
        WHEN 'rien' THEN true
        ELSE false
    END
$function$;

CREATE OR REPLACE FUNCTION public.opus_breach_is_signed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state <> 'propose' THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NEW.signed_at IS NULL OR NOT EXISTS (
        SELECT FROM accounts_user WHERE id = NEW.signed_by_id AND role = 'admin'
    ) THEN
        RAISE EXCEPTION 'Un dossier de manquement est signé par un second administrateur de France Travail.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_breach_leaves_its_month()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.presented_on IS NULL
       OR NEW.upheld_on <= (NEW.presented_on + interval '1 month')::date THEN
        RAISE EXCEPTION 'La décision suit le mois d’observations, compté de la présentation de la lettre (art. 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_closes_with_nobody()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    followed integer;
BEGIN
    SELECT count(*) INTO followed FROM referrals_candidate WHERE adviser_id = NEW.id;
    IF followed > 0 AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE account_id = NEW.id AND state = 'attente' AND kind = 'definitif' FOR SHARE
    ) THEN
        RAISE EXCEPTION 'Ce compte accompagne encore % personne(s) : confiez-les d’abord à quelqu’un d’autre.', followed
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_concern_candidates()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND kind IN ('inscrit', 'non_inscrit')
    ) THEN
        RAISE EXCEPTION 'Cette demande n’est pas celle d’un candidat : aucune fiche ne s’y rattache.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_concern_offers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND kind = 'employeur'
    ) THEN
        RAISE EXCEPTION 'Cette demande n’est pas celle d’un employeur : aucune offre ne s’y rattache.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_confided_closes()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    UPDATE referrals_standin
    SET ended_at = now(), ended_by_id = coalesce(NEW.by_id, NEW.account_id),
        is_cut = true
    WHERE colleague_id = NEW.account_id AND ended_at IS NULL
      AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_convocation_has_details()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- The act itself may be gone since.
    IF EXISTS (
        SELECT FROM referrals_act AS act WHERE id = NEW.id AND NOT EXISTS (
            SELECT FROM referrals_appointmentdetails WHERE act_id = act.id
        )
    ) THEN
        RAISE EXCEPTION 'Une convocation a une date et un lieu.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_copy_parents_end()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    SELECT ends_on INTO NEW.parent_ends_on FROM accounts_partnership
        WHERE id = NEW.parent_id;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_date_candidate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.changed_at = now();
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_details_are_of_a_convocation()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF (SELECT kind FROM referrals_act WHERE id = NEW.act_id) <> 'convocation' THEN
        RAISE EXCEPTION 'Seule une convocation a une date et un lieu.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_drop_audit_months()
 RETURNS text[]
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    month record;
    dropped text[] := '{}';
BEGIN
    PERFORM set_config('lock_timeout', '1s', true);
    FOR month IN
        SELECT inhrelid::regclass::text AS name FROM pg_inherits
        WHERE inhparent = 'lib_auditentry'::regclass
          AND inhrelid::regclass::text ~ '^lib_auditentry_\d{4}_\d{2}$'
        ORDER BY 1
    LOOP
        CONTINUE WHEN (to_date(right(month.name, 7), 'YYYY_MM') + interval '1 month')
            AT TIME ZONE 'UTC' > now() - interval '12 months';
        EXECUTE format('DROP TABLE %I', month.name);
        dropped := dropped || month.name;
    END LOOP;
    RETURN dropped;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_ending_leaves_the_month()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_breach
        WHERE id = NEW.breach_id AND state = 'maintenu'
          AND NEW.told_on >= upheld_on
          AND upheld_on > (presented_on + interval '1 month')::date
    ) THEN
        RAISE EXCEPTION 'La résiliation suit le mois d’observations, compté de la présentation de la lettre (art. 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_enforce_quota()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    today date := (now() AT TIME ZONE 'Europe/Paris')::date;
    convention bigint;
    begins date;
    allowed integer;
    counted integer;
BEGIN
    SELECT id, starts_on INTO convention, begins FROM accounts_convention
        WHERE structure_id = NEW.structure_id AND state IN ('signee', 'preavis')
        ORDER BY today BETWEEN starts_on AND ends_on DESC, starts_on DESC
        LIMIT 1 FOR NO KEY UPDATE;
    allowed := coalesce(opus_quota_on(convention, greatest(today, begins)), 0);
    SELECT count(*) INTO counted FROM accounts_user
        WHERE structure_id = NEW.structure_id AND role = 'conseiller'
          AND state IN ('cree', 'actif') AND id <> NEW.id;
    IF counted >= allowed THEN
        RAISE EXCEPTION 'Quota atteint : % comptes actifs sur %.', counted, allowed
            USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_within_quota';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_enter_office()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- The account is locked: a suspension at the same instant waits, or is seen.
    PERFORM FROM accounts_user
        WHERE id = NEW.person_id AND state NOT IN ('cree', 'actif') FOR SHARE;
    IF FOUND THEN
        RAISE EXCEPTION 'Le compte de cette personne est suspendu ou fermé : un compte suspendu ne prend pas de fonction. Réactivez-le d’abord.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_erase_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF current_setting('opus.purging', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'Un nom ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (
        SELECT FROM accounts_accounthold
        WHERE account_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_find_trade()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.rome_code := coalesce(
        (SELECT opus_trade_of(o) FROM offers_offer AS o WHERE reference = NEW.offer_id), ''
    );
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_folded(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(unaccent('unaccent'::regdictionary, $1));

CREATE OR REPLACE FUNCTION public.opus_follow_up_is_named()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Indiquez d’abord le responsable du suivi et son adresse électronique (annexe 2).'
        USING ERRCODE = 'check_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_follower_is_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer decision
        WHERE decision.id = NEW.transfer_id AND decision.kind = 'definitif'
          AND decision.applied_in = pg_current_xact_id()::text::bigint
          AND (decision.state = 'fait' AND decision.account_id = OLD.adviser_id
                AND NEW.adviser_id IN (decision.acts_to_id, decision.others_to_id)
            OR decision.state = 'rendu' AND decision.account_id = NEW.adviser_id
                AND decision.id = OLD.transfer_id)
    ) THEN
        RAISE EXCEPTION 'Ce candidat ne change de conseiller que par une décision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'follower_is_decided';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_forget_seen()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    DELETE FROM offers_seenoffer s USING gone g WHERE s.offer_id = g.offer_id;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_freeze_review()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Une confirmation trimestrielle répondue ne change plus.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'review_is_evidence';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_freeze_signed_terms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- The names of contacts, five years after its end.
    IF current_setting('opus.purging', true) = 'on' THEN
        RETURN NEW;
    END IF;
    IF (OLD.structure_id, OLD.number, OLD.parent_id, OLD.signed_by_ft_on,
        OLD.signed_by_structure_on, OLD.starts_on, OLD.signed_consultation,
        OLD.signed_referrals, OLD.signed_quota, OLD.signed_ft_contact,
        OLD.signed_ft_contact_email, OLD.signed_ft_contact_phone,
        OLD.signed_partner_contact, OLD.signed_partner_contact_email,
        OLD.signed_partner_contact_phone)
       IS DISTINCT FROM
       (NEW.structure_id, NEW.number, NEW.parent_id, NEW.signed_by_ft_on,
        NEW.signed_by_structure_on, NEW.starts_on, NEW.signed_consultation,
        NEW.signed_referrals, NEW.signed_quota, NEW.signed_ft_contact,
        NEW.signed_ft_contact_email, NEW.signed_ft_contact_phone,
        NEW.signed_partner_contact, NEW.signed_partner_contact_email,
        NEW.signed_partner_contact_phone)
    THEN
        RAISE EXCEPTION 'Une convention signée ne change que par un avenant (art. 5.2).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.ends_on = OLD.ends_on OR (
        NEW.ends_on < OLD.ends_on AND NEW.state <> OLD.state
        AND NEW.state::text IN ('preavis', 'resiliee')
    ) THEN
        RETURN NEW;
    END IF;
    -- Else its end is the one that was agreed on last.
    -- Two confirmed at the same instant may both be the last.
    IF NOT EXISTS (
        WITH ends AS (
            SELECT ends_on, confirmed_at FROM accounts_amendment
                WHERE convention_id = OLD.id AND state = 'confirme'
                  AND ends_on IS NOT NULL
            UNION ALL
            SELECT ends_on, confirmed_at FROM accounts_ending
                WHERE convention_id = OLD.id AND state = 'confirme'
        )
        SELECT FROM ends WHERE ends_on = NEW.ends_on
            AND confirmed_at = (SELECT max(confirmed_at) FROM ends)
    ) THEN
        RAISE EXCEPTION 'La fin d’une convention signée ne change que par un avenant ou une fin anticipée confirmés (art. 5.2 et 12).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_gesture_fits()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    asked support_rightsrequest;
BEGIN
    SELECT * INTO asked FROM support_rightsrequest WHERE id = NEW.request_id FOR SHARE;
    IF NEW.kind = 'levee' THEN
        IF asked.state NOT IN ('en_cours', 'repondue') OR NOT EXISTS (
            SELECT FROM support_rightsgesture
            WHERE request_id = NEW.request_id AND kind = 'limitation'
        ) THEN
            RAISE EXCEPTION 'Aucune limitation de cette demande n’est en place.'
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF asked.state <> 'en_cours' OR NOT opus_answered_by(asked."right", NEW.kind) THEN
        RAISE EXCEPTION 'Ce geste n’est pas de cette demande, ou elle n’est pas en cours.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF asked.check_done <> 'connexion' AND asked.recorded_by_id = NEW.by_id THEN
        RAISE EXCEPTION 'Vous avez enregistré cette demande pour une autre personne : un collègue la traite. Il faut être deux.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_guard_convention_ends()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    is_over boolean := OLD.ends_on < (now() AT TIME ZONE 'Europe/Paris')::date;
BEGIN
    IF NEW.state IN ('expiree', 'resiliee') AND is_over THEN
        RETURN NEW;
    END IF;
    IF NEW.state <> 'expiree' AND EXISTS (
        SELECT FROM accounts_ending
        WHERE convention_id = OLD.id AND state = 'confirme'
          AND (at_once OR (NEW.state = 'preavis' AND ends_on = NEW.ends_on)
               OR (NEW.state = 'resiliee' AND ends_on < OLD.starts_on))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une convention prend fin à son terme, ou par une fin anticipée que deux personnes ont confirmée (art. 12).'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_guard_planned_works()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.starts_at = OLD.starts_at
        AND NEW.announced_at = OLD.announced_at
        AND NEW.ends_at <= OLD.ends_at
        AND (NEW.cancelled_at IS NOT DISTINCT FROM OLD.cancelled_at
             OR (OLD.cancelled_at IS NULL AND NEW.cancelled_at < OLD.starts_at))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une opération annoncée ne se déplace pas et ne s’allonge pas : annulez-la avant son début, ou terminez-la plus tôt.'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_hold_nothing_true(asked support_rightsrequest)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('opus_nothing_kept'));
    IF asked.kind = 'inscrit' AND asked.ft_id = '' THEN
        RAISE EXCEPTION 'Un demandeur d’emploi inscrit a un identifiant France Travail : demandez-le, écrivez-le par « Corriger ou transmettre », puis cherchez de nouveau.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF asked.account_id IS NOT NULL
        OR EXISTS (SELECT FROM support_concernedcandidate WHERE request_id = asked.id)
        OR EXISTS (SELECT FROM support_concernedoffer WHERE request_id = asked.id)
        OR asked.ft_id <> ''
        AND EXISTS (SELECT FROM referrals_candidate WHERE ft_id = asked.ft_id)
    THEN
        RAISE EXCEPTION 'Opus garde des données sur cette personne : « rien » serait faux. Rattachez-la par « Trouver la personne dans Opus » ; si elle est d’une autre catégorie ou d’une autre agence, corrigez d’abord la demande par « Corriger ou transmettre ».'
            USING ERRCODE = 'restrict_violation';
    END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_index_offers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO offers_offerstep (offer_id, origin, target, at)
            SELECT n.reference, o.state, n.state, n.state_at
            FROM written n JOIN replaced o USING (reference)
            WHERE o.state <> n.state;
        DELETE FROM offers_offersearch s USING written w
            WHERE s.offer_id = w.reference AND w.state <> 'active';
    ELSE
        INSERT INTO offers_offerstep (offer_id, origin, target, at)
            SELECT reference, '', state, state_at FROM written;
    END IF;
    INSERT INTO offers_offersearch AS s (
        offer_id, vector, created_at, contract, nature, experience, full_time,
        accessible_th, rome_code, published, mode, commune_code, department, region,
        latitude, longitude,
        few_candidates, adapted, handi_engaged, is_cadre, from_partner, training,
        appellation, permits, skills, pay_most, weekly_hours, contract_months, sector
    )
    SELECT
        reference,
        setweight(opus_words(opus_masked(title || ' ' || appellation, hidden)), 'A')
            || setweight(
                opus_words(opus_masked(rome_label || ' ' || company, hidden)), 'B')
            || setweight(opus_words(opus_masked(skills_text, hidden)), 'C')
            || setweight(opus_words(opus_masked(description, hidden)), 'D'),
        created_at, contract, nature, experience, full_time, accessible_th, rome_code,
        published,
        CASE WHEN NOT preselection THEN 'sans'
             WHEN delegated THEN 'deleguee' ELSE 'preselection' END,
        commune_code, department, region, latitude, longitude,
        few_candidates, adapted, handi_engaged, is_cadre, from_partner, training,
        CASE WHEN appellation <> ''
            THEN opus_label_key(opus_masked(appellation, hidden)) END,
        permits, skills, pay_most, weekly_hours, contract_months, sector
    FROM written,
        LATERAL (SELECT CASE WHEN preselection THEN contacts END AS hidden) AS masked
    WHERE state = 'active'
    ON CONFLICT (offer_id) DO UPDATE SET
        vector = excluded.vector, created_at = excluded.created_at,
        contract = excluded.contract, nature = excluded.nature,
        experience = excluded.experience, full_time = excluded.full_time,
        accessible_th = excluded.accessible_th, rome_code = excluded.rome_code,
        published = excluded.published, mode = excluded.mode,
        commune_code = excluded.commune_code, department = excluded.department,
        region = excluded.region, latitude = excluded.latitude,
        longitude = excluded.longitude,
        few_candidates = excluded.few_candidates, adapted = excluded.adapted,
        handi_engaged = excluded.handi_engaged, is_cadre = excluded.is_cadre,
        from_partner = excluded.from_partner, training = excluded.training,
        appellation = excluded.appellation, permits = excluded.permits,
        skills = excluded.skills, pay_most = excluded.pay_most,
        weekly_hours = excluded.weekly_hours,
        contract_months = excluded.contract_months, sector = excluded.sector;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_journal_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '12 months' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Le journal ne se modifie pas et ne s’efface pas (%).', TG_OP
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_journal_is_dated_now()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.at BETWEEN statement_timestamp() - interval '5 minutes'
        AND statement_timestamp() + interval '5 minutes'
    THEN
        RETURN NEW;
    END IF;
    IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une ligne du journal porte la date de son écriture.'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_keep_account_correction()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_correction_is_kept';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_keep_announcements()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Une actualité publiée ne change plus : retirez-la et publiez-en une autre.'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_keep_correction()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Une rectification enregistrée ne se modifie pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_kept';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_keep_identifier()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Un identifiant reste à la même personne : un compte se ferme, il ne se supprime pas (convention, art. 5.1).'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'identifier_for_ever';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_keep_rgc_in_office()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_nomination
        WHERE person_id = NEW.id AND state = 'en_fonction'
          AND coalesce(end_announced_on, 'infinity')
              > (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Cette personne est RGC en fonction : enregistrez d’abord la fin de sa nomination (art. 4.3), puis fermez son compte. Pour couper son accès tout de suite, suspendez-le.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_keep_under_legal_hold()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidatehold
        WHERE candidate_id = OLD.id AND lifted_at IS NULL
            AND ends_on >= (now() AT TIME ZONE 'Europe/Paris')::date
    ) THEN
        RAISE EXCEPTION 'Ces données sont conservées pour un litige : levez d’abord la conservation.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_known_commune()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.commune_code = OLD.commune_code THEN
            RETURN NEW;
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM offers_commune WHERE code = NEW.commune_code) THEN
        RAISE EXCEPTION 'Ce code INSEE n’est celui d’aucune commune : choisissez la commune dans la liste officielle.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'commune_is_known';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_label_key(text)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((('x'::text || "left"(md5(opus_plain($1)), 16)))::bit(64))::bigint;

CREATE OR REPLACE FUNCTION public.opus_limit_searches()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.account_id FOR NO KEY UPDATE;
    PERFORM 1 FROM referrals_candidate WHERE id = NEW.candidate_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM referrals_savedsearch
        WHERE account_id = NEW.account_id AND id <> NEW.id) >= 20
    OR (SELECT count(*) FROM referrals_savedsearch
        WHERE candidate_id = NEW.candidate_id AND id <> NEW.id) >= 5 THEN
        RAISE EXCEPTION 'Vingt recherches enregistrées au plus, cinq par personne.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'searches_within_limit';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_mark_reference(mark text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    EXECUTE format('COMMENT ON TABLE offers_commune IS %L', mark);
END $function$;

CREATE OR REPLACE FUNCTION public.opus_masked(words text, contacts text[])
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE
AS $function$
DECLARE
    contact text;
BEGIN
    IF contacts IS NOT NULL THEN
        FOREACH contact IN ARRAY contacts LOOP
            words := replace(words, contact, ' ');
        END LOOP;
    END IF;
    RETURN words;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_merge_pending_words()
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
    RETURN gin_clean_pending_list('search_words_tags');
END $function$;

CREATE OR REPLACE FUNCTION public.opus_message_stays()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Ce qui a été écrit dans une demande ne se modifie pas.'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_name_key(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN COALESCE((SELECT string_agg(lexeme.lexeme, ' '::text ORDER BY (lexeme.lexeme COLLATE "C")) AS string_agg FROM unnest(tsvector_to_array(opus_words($1))) lexeme(lexeme) WHERE (lexeme.lexeme <> ALL (ARRAY['a'::text, 'f'::text, 'h'::text]))), ''::text);

CREATE OR REPLACE FUNCTION public.opus_network(address inet, bits integer, bits6 integer)
 RETURNS inet
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (network(set_masklen(address, CASE family(address) WHEN 4 THEN bits ELSE bits6 END)))::inet;

CREATE OR REPLACE FUNCTION public.opus_no_copy_once_refused()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND state = 'refusee'
    ) THEN
        RAISE EXCEPTION 'Cette demande est refusée : sa copie ne se télécharge plus.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_nothing_is_true()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    asked support_rightsrequest;
BEGIN
    SELECT * INTO asked FROM support_rightsrequest WHERE id = NEW.request_id FOR SHARE;
    PERFORM opus_hold_nothing_true(asked);
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_notify_rgc_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_letter
        WHERE nomination_id = NEW.id AND kind = 'rgc_changement'
          AND state <> 'annule' AND posted_on <= NEW.office_on
    ) OR EXISTS (
        SELECT FROM accounts_nomination AS previous
        WHERE previous.id = NEW.previous_id
          AND previous.convention_id <> NEW.convention_id
          AND previous.person_id = NEW.person_id
          AND previous.office_on = NEW.office_on
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Le changement de RGC n’est pas notifié à la structure (art. 4.3) : notez d’abord le numéro et le jour d’envoi de la lettre recommandée.'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_number_arrives()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('opus_nothing_kept'));
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_offers_are_a_mirror()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF coalesce(current_setting('opus.sync', true), '') <> 'on' THEN
        RAISE EXCEPTION 'Une offre ne se modifie pas depuis Opus (convention, art. 7).'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_open_audit_months(since timestamp with time zone, ahead integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    first date := date_trunc('month', since AT TIME ZONE 'UTC')::date;
    month date;
    partition text;
    has_strays boolean;
BEGIN
    IF ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION 'Le journal ouvre 24 mois au plus à la fois (%).', ahead
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    FOR n IN 0..ahead LOOP
        month := first + make_interval(months => n);
        partition := 'lib_auditentry_' || to_char(month, 'YYYY_MM');
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        -- One at a time: two beats may come together.
        PERFORM pg_advisory_xact_lock(hashtext('opus_open_audit_months'));
        CONTINUE WHEN to_regclass(partition) IS NOT NULL;
        SELECT EXISTS (
            SELECT FROM lib_auditentry_default
            WHERE at >= month::timestamp AT TIME ZONE 'UTC'
              AND at < (month + interval '1 month') AT TIME ZONE 'UTC'
        ) INTO has_strays;
        IF has_strays THEN
            ALTER TABLE lib_auditentry DETACH PARTITION lib_auditentry_default;
            ALTER TABLE lib_auditentry_default RENAME TO lib_auditentry_strays;
        END IF;
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF lib_auditentry FOR VALUES FROM (%L) TO (%L)',
            partition,
            month::timestamp AT TIME ZONE 'UTC',
            (month + interval '1 month') AT TIME ZONE 'UTC'
        );
        IF has_strays THEN
            CREATE TABLE lib_auditentry_default PARTITION OF lib_auditentry DEFAULT;
            INSERT INTO lib_auditentry SELECT * FROM lib_auditentry_strays;
            DROP TABLE lib_auditentry_strays;
        END IF;
    END LOOP;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_persons_seen(account bigint, since timestamp with time zone, actions text[])
 RETURNS TABLE(person uuid, last_at timestamp with time zone)
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('opus.ceilings:' || account, 0));
    RETURN QUERY
        SELECT seen, max(entry.at)
        FROM lib_auditentry entry, unnest(entry.person_ids) seen
        WHERE entry.actor_id = account AND entry.at > since
          AND entry.action = ANY(actions)
        GROUP BY seen ORDER BY 2;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_plain(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN TRIM(BOTH FROM regexp_replace(lower(unaccent('unaccent'::regdictionary, $1)), '[^a-z0-9]+'::text, ' '::text, 'g'::text));

CREATE OR REPLACE FUNCTION public.opus_posts_left_at()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.posts_left IS NULL THEN
        NEW.posts_left_at := NULL;
    ELSIF TG_OP = 'INSERT' OR NEW.updated_at > OLD.updated_at THEN
        NEW.posts_left_at := NEW.updated_at;
    ELSE
        NEW.posts_left_at := now();
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_purge_audit_lines(at_most integer)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    removed bigint;
BEGIN
    WITH past AS (
        SELECT id, at FROM lib_auditentry WHERE at < now() - interval '12 months'
        ORDER BY at LIMIT at_most
    )
    DELETE FROM lib_auditentry entry USING past
    WHERE entry.id = past.id AND entry.at = past.at;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_query(text)
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN plainto_tsquery('opus_fr'::regconfig, regexp_replace(opus_plain(opus_spell($1)), '\m(a|h f|f h|lettred(?= ))\M'::text, ' '::text, 'g'::text));

CREATE OR REPLACE FUNCTION public.opus_quota_on(convention bigint, day date)
 RETURNS integer
 LANGUAGE sql
 STABLE
AS $function$
    SELECT coalesce(
        (SELECT quota FROM accounts_amendment
         WHERE convention_id = convention AND state = 'confirme'
           AND quota IS NOT NULL AND effective_on <= day
         ORDER BY effective_on DESC, confirmed_at DESC, id DESC LIMIT 1),
        (SELECT signed_quota FROM accounts_convention WHERE id = convention)
    )
$function$;

CREATE OR REPLACE FUNCTION public.opus_raise_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('opus.purging', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_refuse_loop()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounts_agency.parent'));
    -- UNION, not UNION ALL: a place met twice is walked once.
    IF EXISTS (
        WITH RECURSIVE above AS (
            SELECT safir, parent_id FROM accounts_agency WHERE safir = NEW.parent_id
            UNION
            SELECT next.safir, next.parent_id
            FROM above JOIN accounts_agency AS next ON next.safir = above.parent_id
        )
        SELECT FROM above WHERE safir = NEW.safir
    ) THEN
        RAISE EXCEPTION 'Une agence ne dépend pas d’elle-même, ni d’une agence qui dépend d’elle : choisissez un autre rattachement.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'network_has_no_loop';
    END IF;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_renews_its_own()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_convention
        WHERE id = NEW.renews_id AND id <> NEW.id AND structure_id = NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Une convention renouvelle une autre convention de la même structure (art. 13).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_reset_waits_for_address()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_addresschange
        WHERE account_id = NEW.account_id
        AND at > coalesce(NEW.done_at, NEW.asked_at) - interval '7 days'
    ) THEN
        RAISE EXCEPTION 'L’adresse de ce compte vient de changer : deux personnes '
            'doivent vouloir cette remise à zéro.'
            USING ERRCODE = 'check_violation',
                CONSTRAINT = 'factor_reset_waits_for_address';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_settle_notice()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_convention
        WHERE id = NEW.convention_id AND state = 'preavis'
    ) THEN
        RAISE EXCEPTION 'Un préavis court : la fin de la convention ne change plus par un avenant.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_settled_until(margin interval)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
AS $function$
DECLARE
    before timestamptz := clock_timestamp() - margin;
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN least(before, (
        SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_xid IS NOT NULL
    ));
END $function$;

CREATE OR REPLACE FUNCTION public.opus_slot_closes_empty()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_appointmentdetails AS details
        JOIN referrals_act AS act ON act.id = details.act_id
        WHERE details.slot_id = NEW.id AND act.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a déjà été pris.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_closes_empty';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_slot_has_room()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    places integer;
    closed timestamptz;
    taken integer;
BEGIN
    SELECT capacity, closed_at INTO places, closed
        FROM referrals_slot WHERE id = NEW.slot_id FOR UPDATE;
    IF closed IS NOT NULL THEN
        RAISE EXCEPTION 'Ce créneau est fermé.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_is_open';
    END IF;
    SELECT count(*) INTO taken FROM referrals_appointmentdetails AS details
        JOIN referrals_act AS act ON act.id = details.act_id
        WHERE details.slot_id = NEW.slot_id AND act.id <> NEW.act_id
            AND act.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner');
    IF taken >= places THEN
        RAISE EXCEPTION 'Ce créneau est complet.' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'slot_has_room';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_slot_keeps_its_places()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NEW.capacity < (
        SELECT count(*) FROM referrals_appointmentdetails AS details
        JOIN referrals_act AS act ON act.id = details.act_id
        WHERE details.slot_id = NEW.id AND act.state IN ('planifiee', 'modifiee', 'remise', 'a_renseigner')
    ) THEN
        RAISE EXCEPTION 'Ce créneau a plus de personnes que de places.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'slot_keeps_its_places';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_spell(text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN regexp_replace(CASE WHEN (($1 ~ '[#+&]'::text) OR (strpos(lower($1), '.net'::text) > 0)) THEN regexp_replace(regexp_replace(regexp_replace(regexp_replace(lower($1), '\mc ?#'::text, ' csharp '::text, 'g'::text), '\mc ?\+\+'::text, ' cplusplus '::text, 'g'::text), '(?<![a-z0-9])\.net\M|(?<=\m(asp|microsoft))\.net\M'::text, ' dotnet '::text, 'g'::text), '\mr ?& ?d\M'::text, ' retd '::text, 'g'::text) ELSE lower($1) END, '\m([cd])\M(?![''’ʼ´`])'::text, ' lettre\1 '::text, 'g'::text);

CREATE OR REPLACE FUNCTION public.opus_stand_in_fits()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    -- Both accounts are held first: two that would make a chain come one by one.
    PERFORM FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
        ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM accounts_user WHERE id IN (NEW.owner_id, NEW.colleague_id)
            AND structure_id IS DISTINCT FROM NEW.structure_id
    ) THEN
        RAISE EXCEPTION 'Le conseiller et son collègue sont de la même structure.'
            USING ERRCODE = 'check_violation',
            CONSTRAINT = 'stand_in_is_of_the_structure';
    END IF;
    IF EXISTS (
        SELECT FROM referrals_standin other
            WHERE other.ended_at IS NULL AND other.id <> NEW.id
            AND (other.owner_id = NEW.colleague_id
                OR other.colleague_id = NEW.owner_id)
            AND daterange(other.starts_on, other.ends_on, '[]')
                && daterange(NEW.starts_on, NEW.ends_on, '[]')
    ) THEN
        RAISE EXCEPTION 'Des suivis confiés ne se confient pas plus loin.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_is_no_chain';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_stand_in_is_decided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer decision
        WHERE decision.id = NEW.transfer_id AND decision.kind = 'temps'
          AND decision.state = 'fait'
          AND decision.applied_in = pg_current_xact_id()::text::bigint
          AND decision.account_id = NEW.owner_id
          AND decision.others_to_id = NEW.colleague_id
          AND decision.starts_on <= NEW.starts_on AND decision.ends_on >= NEW.ends_on
    ) THEN
        RAISE EXCEPTION 'Des suivis ne se confient pour un temps que par une décision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_is_decided';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_stand_in_only_ends()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    changes text[] = CASE
        WHEN OLD.ended_at IS NULL THEN ARRAY['ended_at', 'ended_by_id', 'is_cut']
        WHEN OLD.is_cut THEN ARRAY['is_cut']
    END;
BEGIN
    IF changes IS NULL OR (to_jsonb(NEW) - changes) IS DISTINCT FROM (to_jsonb(OLD) - changes)
    THEN
        RAISE EXCEPTION 'Des suivis confiés ne changent plus : ils se reprennent.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stand_in_only_ends';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_stays_until_its_term()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'Ceci ne s’efface pas avant son terme : la purge s’en charge (convention, art. 10).'
        USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.opus_tags(contract text, nature text, experience text, full_time boolean, accessible_th boolean, few_candidates boolean, adapted boolean, handi_engaged boolean, is_cadre boolean, from_partner boolean, training smallint, published boolean, mode text, sector text, rome_code text, appellation bigint, commune_code text, department text, region text, latitude double precision, longitude double precision, offer_id text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE COST 1000
RETURN array_remove(ARRAY[('contract='::text || NULLIF(contract, ''::text)), ('nature='::text || NULLIF(nature, ''::text)), ('experience='::text || NULLIF(experience, ''::text)), ('full_time='::text || (full_time)::text), ('accessible_th='::text || (accessible_th)::text), ('few_candidates='::text || (few_candidates)::text), ('adapted='::text || (adapted)::text), ('handi_engaged='::text || (handi_engaged)::text), ('is_cadre='::text || (is_cadre)::text), ('from_partner='::text || (from_partner)::text), ('training='::text || (training)::text), ('published='::text || (published)::text), ('mode='::text || NULLIF(mode, ''::text)), ('sector='::text || NULLIF(sector, ''::text)), ('rome_code='::text || NULLIF(rome_code, ''::text)), ('appellation='::text || (appellation)::text), ('commune_code='::text || NULLIF(commune_code, ''::text)), ('department='::text || NULLIF(department, ''::text)), ('region='::text || NULLIF(region, ''::text)), ((('fine='::text || (floor((latitude * (10)::double precision)))::integer) || '/'::text) || (floor((longitude * (10)::double precision)))::integer), ((('middle='::text || (floor((latitude * (3)::double precision)))::integer) || '/'::text) || (floor((longitude * (3)::double precision)))::integer), ((('coarse='::text || (floor(latitude))::integer) || '/'::text) || (floor(longitude))::integer), ('sample='::text || "left"(md5(offer_id), 1)), ('sample='::text || "left"(md5(offer_id), 2))], NULL::text);

CREATE OR REPLACE FUNCTION public.opus_text_is_published()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM FROM accounts_modeltext
        WHERE id = NEW.model_text_id AND published_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'Cette version du texte modèle n’est pas publiée : choisissez-en une autre.'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_trade_of(offer offers_offer)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
    SELECT known.rome_code
    FROM unnest(ARRAY[offer.rome_label, offer.appellation, offer.title])
            WITH ORDINALITY AS text (label, rank),
        regexp_split_to_table(
            opus_masked(label, CASE WHEN offer.preselection THEN offer.contacts END),
            '\s*/\s*'
        ) AS part
        JOIN offers_jobname AS known ON known.key = opus_name_key(part)
    WHERE known.is_label AND known.share >= 0.5
    ORDER BY rank, cardinality(string_to_array(known.key, ' ')) DESC, known.share DESC,
        known.rome_code
    LIMIT 1
$function$;

CREATE OR REPLACE FUNCTION public.opus_transfer_dates_itself()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    NEW.applied_in = CASE
        WHEN NEW.state IN ('fait', 'rendu')
            AND (TG_OP = 'INSERT' OR OLD.state <> NEW.state)
        THEN pg_current_xact_id()::text::bigint
        WHEN TG_OP = 'UPDATE' THEN OLD.applied_in
    END;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_transfer_leaves_nobody()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM referrals_candidate
        JOIN accounts_user ON accounts_user.id = adviser_id
        WHERE adviser_id = NEW.account_id AND accounts_user.state = 'ferme'
    ) AND NOT EXISTS (
        SELECT FROM referrals_caseloadtransfer
        WHERE account_id = NEW.account_id AND kind = 'definitif'
          AND (state = 'attente' OR id = NEW.id AND state = 'rendu')
    ) THEN
        RAISE EXCEPTION 'Ce compte fermé accompagne encore quelqu’un.'
            USING ERRCODE = 'check_violation',
                  CONSTRAINT = 'closed_account_accompanies_nobody';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_two_for_a_copy()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM support_rightsrequest
        WHERE id = NEW.request_id AND check_done <> 'connexion'
          AND recorded_by_id IN (NEW.asked_by_id, NEW.taken_by_id)
    ) THEN
        RAISE EXCEPTION 'Vous avez enregistré cette demande pour une autre personne : un collègue vérifie l’identité, prépare la copie et la télécharge. Il faut être deux.'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_validate_rgc_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF EXISTS (
        SELECT FROM accounts_nomination
        WHERE convention_id = NEW.convention_id AND id <> NEW.id
          AND office_on IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'Cette personne succède à un autre RGC : le directeur régional valide d’abord ce changement (art. 4.3).'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_weigh_amendment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    structure bigint;
    counted integer;
BEGIN
    SELECT structure_id, ends_on INTO structure, NEW.was_ends_on
        FROM accounts_convention WHERE id = NEW.convention_id FOR NO KEY UPDATE;
    NEW.was_quota := opus_quota_on(NEW.convention_id, NEW.effective_on);
    IF NEW.state = 'confirme' AND NEW.quota IS NOT NULL THEN
        SELECT count(*) INTO counted FROM accounts_user
            WHERE structure_id = structure AND role = 'conseiller'
              AND state IN ('cree', 'actif');
        IF counted > NEW.quota THEN
            RAISE EXCEPTION 'Quota trop bas : % comptes sont actifs.', counted
                USING ERRCODE = 'check_violation',
                    CONSTRAINT = 'accounts_within_quota';
        END IF;
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_weighed(question text, weights text)
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (regexp_replace((opus_query(question))::text, '''([a-z0-9]+)'''::text, ('''\1'':'::text || weights), 'g'::text))::tsquery;

CREATE OR REPLACE FUNCTION public.opus_within_limits()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    its_limit text;
BEGIN
    -- A limit locks the row (FOR UPDATE): it waits for this one, or is seen.
    PERFORM FROM referrals_candidate WHERE id = NEW.candidate_id FOR KEY SHARE;
    SELECT reference INTO its_limit FROM referrals_processinglimit
        WHERE candidate_id = NEW.candidate_id AND lifted_at IS NULL
            AND (processing = 'tout' OR processing = ANY (TG_ARGV));
    IF FOUND THEN
        RAISE EXCEPTION 'Cette personne a limité l’usage de ses données (demande n° %) : cela ne se fait pas avant que France Travail lève cette limite.', its_limit
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.opus_words(text)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN to_tsvector('opus_fr'::regconfig, opus_plain(opus_spell($1)));

CREATE TRIGGER accounts_accountcorrection_is_kept BEFORE UPDATE ON public.accounts_accountcorrection FOR EACH ROW EXECUTE FUNCTION opus_keep_account_correction();

CREATE TRIGGER accounts_accounthold_version BEFORE UPDATE ON public.accounts_accounthold FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_accountstep_confided_closes AFTER INSERT ON public.accounts_accountstep FOR EACH ROW WHEN ((((new.origin)::text = 'suspendu'::text) AND ((new.target)::text <> 'ferme'::text))) EXECUTE FUNCTION opus_confided_closes();

CREATE TRIGGER accounts_agency_has_no_loop AFTER INSERT OR UPDATE OF parent_id ON public.accounts_agency FOR EACH ROW WHEN ((new.parent_id IS NOT NULL)) EXECUTE FUNCTION opus_refuse_loop();

CREATE TRIGGER accounts_agency_version BEFORE UPDATE ON public.accounts_agency FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_agreementdocument_frozen BEFORE UPDATE ON public.accounts_agreementdocument FOR EACH ROW WHEN ((((((((old.convention_id IS DISTINCT FROM new.convention_id) OR (old.model_text_id IS DISTINCT FROM new.model_text_id)) OR (old.is_final IS DISTINCT FROM new.is_final)) OR (old.html IS DISTINCT FROM new.html)) OR ((old.html_sha256)::text IS DISTINCT FROM (new.html_sha256)::text)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR ((old.content IS NOT NULL) AND (old.content IS DISTINCT FROM new.content)))) EXECUTE FUNCTION opus_refuse('Le document d’une convention ne change plus.');

CREATE TRIGGER accounts_agreementdocument_stays BEFORE DELETE ON public.accounts_agreementdocument FOR EACH ROW WHEN (old.is_final) EXECUTE FUNCTION opus_refuse('Le document d’une convention signée ne s’efface pas.');

CREATE TRIGGER accounts_alert_moves BEFORE UPDATE OF state ON public.accounts_alert FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"nouvelle": ["prise", "close"], "prise": ["close"]}');

CREATE TRIGGER accounts_amendment_frozen BEFORE UPDATE ON public.accounts_amendment FOR EACH ROW WHEN ((((old.state)::text <> 'propose'::text) OR (new.effective_on < old.effective_on) OR (((((((((((((((old.convention_id IS DISTINCT FROM new.convention_id) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text)) OR (old.noticed_on IS DISTINCT FROM new.noticed_on)) OR (old.consultation IS DISTINCT FROM new.consultation)) OR (old.referrals IS DISTINCT FROM new.referrals)) OR (old.quota IS DISTINCT FROM new.quota)) OR (old.ends_on IS DISTINCT FROM new.ends_on)) OR ((old.ft_contact)::text IS DISTINCT FROM (new.ft_contact)::text)) OR ((old.ft_contact_email)::text IS DISTINCT FROM (new.ft_contact_email)::text)) OR ((old.ft_contact_phone)::text IS DISTINCT FROM (new.ft_contact_phone)::text)) OR ((old.partner_contact)::text IS DISTINCT FROM (new.partner_contact)::text)) OR ((old.partner_contact_email)::text IS DISTINCT FROM (new.partner_contact_email)::text)) OR ((old.partner_contact_phone)::text IS DISTINCT FROM (new.partner_contact_phone)::text)) OR (old.proposed_by_id IS DISTINCT FROM new.proposed_by_id)) OR (old.proposed_at IS DISTINCT FROM new.proposed_at)))) EXECUTE FUNCTION opus_refuse('Un avenant enregistré ne change plus : enregistrez-en un autre.');

CREATE TRIGGER accounts_amendment_moves BEFORE UPDATE OF state ON public.accounts_amendment FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"propose": ["abandonne", "confirme"]}');

CREATE TRIGGER accounts_amendment_settled BEFORE INSERT OR UPDATE ON public.accounts_amendment FOR EACH ROW WHEN (((new.state)::text = 'confirme'::text)) EXECUTE FUNCTION opus_admin_confirms();

CREATE TRIGGER accounts_amendment_stays BEFORE DELETE ON public.accounts_amendment FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un avenant ne s’efface pas.');

CREATE TRIGGER accounts_amendment_under_notice BEFORE INSERT OR UPDATE OF state ON public.accounts_amendment FOR EACH ROW WHEN (((new.ends_on IS NOT NULL) AND ((new.state)::text <> 'abandonne'::text))) EXECUTE FUNCTION opus_settle_notice();

CREATE TRIGGER accounts_amendment_weighed BEFORE INSERT OR UPDATE ON public.accounts_amendment FOR EACH ROW WHEN (((new.state)::text = ANY (ARRAY['propose'::text, 'confirme'::text]))) EXECUTE FUNCTION opus_weigh_amendment();

CREATE TRIGGER accounts_breach_frozen BEFORE UPDATE ON public.accounts_breach FOR EACH ROW WHEN ((((old.state)::text = ANY (ARRAY['resilie'::text, 'leve'::text])) OR (((((old.convention_id IS DISTINCT FROM new.convention_id) OR (old.reasons IS DISTINCT FROM new.reasons)) OR ((old.facts)::text IS DISTINCT FROM (new.facts)::text)) OR ((old.other_obligation)::text IS DISTINCT FROM (new.other_obligation)::text)) OR (old.opened_by_id IS DISTINCT FROM new.opened_by_id)) OR ((old.signed_by_id IS NOT NULL) AND ((old.signed_by_id IS DISTINCT FROM new.signed_by_id) OR (old.signed_at IS DISTINCT FROM new.signed_at))) OR ((old.observations_file IS DISTINCT FROM new.observations_file) AND (old.observations_file IS NOT NULL)))) EXECUTE FUNCTION opus_refuse('Les motifs notifiés ne changent plus.');

CREATE TRIGGER accounts_breach_moves BEFORE UPDATE OF state ON public.accounts_breach FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"maintenu": ["leve", "resilie"], "notifie": ["leve", "maintenu", "observe"], "observe": ["leve", "maintenu"], "ouvert": ["leve", "notifie"], "propose": ["leve", "ouvert"]}');

CREATE TRIGGER accounts_breach_signed BEFORE INSERT OR UPDATE OF state ON public.accounts_breach FOR EACH ROW WHEN (((new.state)::text <> ALL (ARRAY['propose'::text, 'leve'::text]))) EXECUTE FUNCTION opus_breach_is_signed();

CREATE TRIGGER accounts_breach_stays BEFORE DELETE ON public.accounts_breach FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un dossier de manquement ne s’efface pas.');

CREATE TRIGGER accounts_breach_upheld BEFORE INSERT OR UPDATE OF state, upheld_on ON public.accounts_breach FOR EACH ROW WHEN (((new.state)::text = 'maintenu'::text)) EXECUTE FUNCTION opus_breach_leaves_its_month();

CREATE TRIGGER accounts_convention_ends BEFORE UPDATE OF state ON public.accounts_convention FOR EACH ROW WHEN ((((old.state)::text = ANY (ARRAY['signee'::text, 'preavis'::text])) AND ((new.state)::text <> (old.state)::text) AND ((new.state)::text = ANY (ARRAY['preavis'::text, 'resiliee'::text, 'expiree'::text])))) EXECUTE FUNCTION opus_guard_convention_ends();

CREATE TRIGGER accounts_convention_followed BEFORE UPDATE OF state ON public.accounts_convention FOR EACH ROW WHEN ((((old.state)::text = 'projet'::text) AND ((new.state)::text <> ALL (ARRAY['projet'::text, 'abandonnee'::text])) AND (((new.signed_partner_contact)::text = ''::text) OR ((new.signed_partner_contact_email)::text = ''::text)))) EXECUTE FUNCTION opus_follow_up_is_named();

CREATE TRIGGER accounts_convention_followed_first BEFORE INSERT ON public.accounts_convention FOR EACH ROW WHEN ((((new.state)::text <> ALL (ARRAY['projet'::text, 'abandonnee'::text])) AND (((new.signed_partner_contact)::text = ''::text) OR ((new.signed_partner_contact_email)::text = ''::text)))) EXECUTE FUNCTION opus_follow_up_is_named();

CREATE TRIGGER accounts_convention_moves BEFORE UPDATE OF state ON public.accounts_convention FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"preavis": ["expiree", "resiliee"], "projet": ["abandonnee", "signee"], "signee": ["expiree", "preavis", "resiliee"]}');

CREATE TRIGGER accounts_convention_parent BEFORE INSERT OR UPDATE OF parent_id ON public.accounts_convention FOR EACH ROW EXECUTE FUNCTION opus_copy_parents_end();

CREATE TRIGGER accounts_convention_renews BEFORE UPDATE OF renews_id, keeps_rgc ON public.accounts_convention FOR EACH ROW WHEN ((((old.state)::text <> 'projet'::text) AND ((old.renews_id IS DISTINCT FROM new.renews_id) OR (old.keeps_rgc IS DISTINCT FROM new.keeps_rgc)))) EXECUTE FUNCTION opus_refuse('Ce que renouvelle une convention signée ne change plus (art. 13).');

CREATE TRIGGER accounts_convention_renews_its_own BEFORE INSERT OR UPDATE OF renews_id, structure_id ON public.accounts_convention FOR EACH ROW WHEN ((new.renews_id IS NOT NULL)) EXECUTE FUNCTION opus_renews_its_own();

CREATE TRIGGER accounts_convention_signatures BEFORE UPDATE ON public.accounts_convention FOR EACH ROW WHEN ((((old.state)::text <> 'projet'::text) AND ((((((old.model_text_id IS DISTINCT FROM new.model_text_id) OR ((old.partner_signatory)::text IS DISTINCT FROM (new.partner_signatory)::text)) OR ((old.deliberation)::text IS DISTINCT FROM (new.deliberation)::text)) OR (old.deliberated_on IS DISTINCT FROM new.deliberated_on)) OR ((old.ft_signatory)::text IS DISTINCT FROM (new.ft_signatory)::text)) OR ((old.signing_place)::text IS DISTINCT FROM (new.signing_place)::text)))) EXECUTE FUNCTION opus_refuse('Une convention signée ne change que par un avenant (art. 5.2).');

CREATE TRIGGER accounts_convention_signed BEFORE UPDATE ON public.accounts_convention FOR EACH ROW WHEN (((old.state)::text <> 'projet'::text)) EXECUTE FUNCTION opus_freeze_signed_terms();

CREATE TRIGGER accounts_convention_stays BEFORE DELETE ON public.accounts_convention FOR EACH ROW WHEN (((old.state)::text <> 'projet'::text)) EXECUTE FUNCTION opus_refuse('Une convention signée ne s’efface pas.');

CREATE TRIGGER accounts_convention_text BEFORE INSERT OR UPDATE OF model_text_id ON public.accounts_convention FOR EACH ROW WHEN ((new.model_text_id IS NOT NULL)) EXECUTE FUNCTION opus_text_is_published();

CREATE TRIGGER accounts_convention_version BEFORE UPDATE ON public.accounts_convention FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_ending_frozen BEFORE UPDATE ON public.accounts_ending FOR EACH ROW WHEN ((((old.state)::text <> 'propose'::text) OR (((((((((((((old.convention_id IS DISTINCT FROM new.convention_id) OR ((old.origin)::text IS DISTINCT FROM (new.origin)::text)) OR ((old.motive)::text IS DISTINCT FROM (new.motive)::text)) OR (old.breach_id IS DISTINCT FROM new.breach_id)) OR (old.told_on IS DISTINCT FROM new.told_on)) OR (old.ends_on IS DISTINCT FROM new.ends_on)) OR (old.at_once IS DISTINCT FROM new.at_once)) OR (old.proposed_by_id IS DISTINCT FROM new.proposed_by_id)) OR (old.proposed_at IS DISTINCT FROM new.proposed_at)) OR ((old.structure_signatory)::text IS DISTINCT FROM (new.structure_signatory)::text)) OR (old.signed_by_structure_on IS DISTINCT FROM new.signed_by_structure_on)) OR ((old.ft_signatory)::text IS DISTINCT FROM (new.ft_signatory)::text)) OR (old.signed_by_ft_on IS DISTINCT FROM new.signed_by_ft_on)))) EXECUTE FUNCTION opus_refuse('Une fin anticipée enregistrée ne change plus : abandonnez-la d’abord.');

CREATE TRIGGER accounts_ending_moves BEFORE UPDATE OF state ON public.accounts_ending FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"propose": ["abandonne", "confirme"]}');

CREATE TRIGGER accounts_ending_settled BEFORE INSERT OR UPDATE ON public.accounts_ending FOR EACH ROW WHEN (((new.state)::text = 'confirme'::text)) EXECUTE FUNCTION opus_admin_confirms();

CREATE TRIGGER accounts_ending_stays BEFORE DELETE ON public.accounts_ending FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une fin anticipée ne s’efface pas.');

CREATE TRIGGER accounts_ending_upheld BEFORE INSERT OR UPDATE OF state ON public.accounts_ending FOR EACH ROW WHEN ((((new.state)::text = 'confirme'::text) AND (new.breach_id IS NOT NULL))) EXECUTE FUNCTION opus_ending_leaves_the_month();

CREATE TRIGGER accounts_factorreset_moves BEFORE UPDATE OF state ON public.accounts_factorreset FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"confirmee": ["arretee", "faite", "perimee"], "demandee": ["arretee", "confirmee", "faite", "perimee"]}');

CREATE TRIGGER accounts_factorreset_waits_for_address BEFORE INSERT OR UPDATE OF state, four_eyes ON public.accounts_factorreset FOR EACH ROW WHEN (((NOT new.four_eyes) AND ((new.state)::text = ANY (ARRAY['demandee'::text, 'faite'::text])))) EXECUTE FUNCTION opus_reset_waits_for_address();

CREATE TRIGGER accounts_letter_frozen BEFORE UPDATE ON public.accounts_letter FOR EACH ROW WHEN ((((((((((((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR (old.convention_id IS DISTINCT FROM new.convention_id)) OR (old.nomination_id IS DISTINCT FROM new.nomination_id)) OR (old.rank IS DISTINCT FROM new.rank)) OR (old.addressee IS DISTINCT FROM new.addressee)) OR (old.html IS DISTINCT FROM new.html)) OR ((old.html_sha256)::text IS DISTINCT FROM (new.html_sha256)::text)) OR (old.created_at IS DISTINCT FROM new.created_at)) OR (old.made_by_id IS DISTINCT FROM new.made_by_id)) OR ((old.content IS NOT NULL) AND (old.content IS DISTINCT FROM new.content)) OR (((old.state)::text = 'annule'::text) AND ((new.state)::text <> 'annule'::text)))) EXECUTE FUNCTION opus_refuse('Le texte d’une lettre préparée ne change plus.');

CREATE TRIGGER accounts_letter_stays BEFORE DELETE ON public.accounts_letter FOR EACH ROW EXECUTE FUNCTION opus_refuse('Une lettre ne s’efface pas : annulez-la.');

CREATE TRIGGER accounts_modeltext_frozen BEFORE UPDATE ON public.accounts_modeltext FOR EACH ROW WHEN ((old.published_at IS NOT NULL)) EXECUTE FUNCTION opus_refuse('Une version publiée du texte modèle ne change plus : écrivez-en une autre.');

CREATE TRIGGER accounts_modeltext_stays BEFORE DELETE ON public.accounts_modeltext FOR EACH ROW WHEN ((old.published_at IS NOT NULL)) EXECUTE FUNCTION opus_refuse('Une version publiée du texte modèle ne s’efface pas.');

CREATE TRIGGER accounts_modeltext_version BEFORE UPDATE ON public.accounts_modeltext FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_nomination_agreed BEFORE UPDATE OF first_name, last_name, email ON public.accounts_nomination FOR EACH ROW WHEN ((((old.state)::text <> 'propose'::text) AND (((new.first_name)::text <> (old.first_name)::text) OR ((new.last_name)::text <> (old.last_name)::text) OR (((new.email)::text <> (old.email)::text) AND ((new.email)::text <> ''::text))))) EXECUTE FUNCTION opus_refuse('La personne sur laquelle le directeur s’est prononcé ne change plus : enregistrez l’abandon, puis une nouvelle proposition.');

CREATE TRIGGER accounts_nomination_enters BEFORE UPDATE OF state ON public.accounts_nomination FOR EACH ROW WHEN ((((new.state)::text = 'en_fonction'::text) AND ((old.state)::text <> 'en_fonction'::text))) EXECUTE FUNCTION opus_enter_office();

CREATE TRIGGER accounts_nomination_moves BEFORE UPDATE OF state ON public.accounts_nomination FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"accepte": ["abandonne", "en_fonction", "retire"], "en_fonction": ["absent", "fini", "parti", "retire"], "propose": ["abandonne", "accepte", "refuse"]}');

CREATE TRIGGER accounts_nomination_succeeds BEFORE UPDATE OF state ON public.accounts_nomination FOR EACH ROW WHEN ((((new.state)::text = 'en_fonction'::text) AND ((old.state)::text <> 'en_fonction'::text) AND (new.validated_on IS NULL))) EXECUTE FUNCTION opus_validate_rgc_change();

CREATE TRIGGER accounts_nomination_succeeds_at_once BEFORE INSERT ON public.accounts_nomination FOR EACH ROW WHEN ((((new.state)::text = 'en_fonction'::text) AND (new.validated_on IS NULL))) EXECUTE FUNCTION opus_validate_rgc_change();

CREATE TRIGGER accounts_nomination_told BEFORE UPDATE OF state ON public.accounts_nomination FOR EACH ROW WHEN ((((new.state)::text = 'en_fonction'::text) AND ((old.state)::text <> 'en_fonction'::text) AND (new.validated_on IS NOT NULL))) EXECUTE FUNCTION opus_notify_rgc_change();

CREATE TRIGGER accounts_nomination_told_already BEFORE INSERT OR UPDATE OF notified_on ON public.accounts_nomination FOR EACH ROW WHEN ((new.notified_on > ((now() AT TIME ZONE 'Europe/Paris'::text))::date)) EXECUTE FUNCTION opus_refuse('Le jour de la notification est à venir.');

CREATE TRIGGER accounts_nomination_told_at_once BEFORE INSERT ON public.accounts_nomination FOR EACH ROW WHEN ((((new.state)::text = 'en_fonction'::text) AND (new.validated_on IS NOT NULL))) EXECUTE FUNCTION opus_notify_rgc_change();

CREATE TRIGGER accounts_nomination_told_stays BEFORE UPDATE OF notified_on ON public.accounts_nomination FOR EACH ROW WHEN (((old.office_on IS NOT NULL) AND (new.notified_on IS DISTINCT FROM old.notified_on))) EXECUTE FUNCTION opus_refuse('Le RGC est en fonction depuis cette notification : son jour ne change plus.');

CREATE TRIGGER accounts_nomination_validated BEFORE UPDATE OF validated_on ON public.accounts_nomination FOR EACH ROW WHEN (((old.validated_on IS NOT NULL) AND (new.validated_on IS DISTINCT FROM old.validated_on))) EXECUTE FUNCTION opus_refuse('La validation du directeur régional est enregistrée : elle ne change plus.');

CREATE TRIGGER accounts_nomination_version BEFORE UPDATE ON public.accounts_nomination FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_partnership_version BEFORE UPDATE ON public.accounts_partnership FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_reviewmeeting_frozen BEFORE UPDATE ON public.accounts_reviewmeeting FOR EACH ROW WHEN ((((old.attended <> '{}'::character varying[]) AND (old.convention_id <> new.convention_id)) OR (((old.reply)::text <> ''::text) AND (((((((((old.held_on IS DISTINCT FROM new.held_on) OR (old.attended IS DISTINCT FROM new.attended)) OR (old.minutes IS DISTINCT FROM new.minutes)) OR (old.minutes_file IS DISTINCT FROM new.minutes_file)) OR (old.decisions IS DISTINCT FROM new.decisions)) OR ((old.reply)::text IS DISTINCT FROM (new.reply)::text)) OR (old.remark IS DISTINCT FROM new.remark)) OR (old.replied_by_id IS DISTINCT FROM new.replied_by_id)) OR (old.replied_at IS DISTINCT FROM new.replied_at))))) EXECUTE FUNCTION opus_refuse('Le RGC a répondu : la réunion ne change plus, sauf les suites de ses décisions.');

CREATE TRIGGER accounts_reviewmeeting_stays BEFORE DELETE ON public.accounts_reviewmeeting FOR EACH ROW WHEN ((old.attended <> '{}'::character varying[])) EXECUTE FUNCTION opus_refuse('Une réunion de suivi ne s’efface pas.');

CREATE TRIGGER accounts_reviewmeeting_version BEFORE UPDATE ON public.accounts_reviewmeeting FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_securityevent_confided_closes AFTER INSERT ON public.accounts_securityevent FOR EACH ROW WHEN (((new.kind)::text = ANY ((ARRAY['premier_acces'::character varying, 'adresse'::character varying, 'remise_a_zero'::character varying])::text[]))) EXECUTE FUNCTION opus_confided_closes();

CREATE TRIGGER accounts_structure_commune BEFORE INSERT OR UPDATE OF commune_code ON public.accounts_structure FOR EACH ROW EXECUTE FUNCTION opus_known_commune();

CREATE TRIGGER accounts_structure_version BEFORE UPDATE ON public.accounts_structure FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER accounts_teamreview_frozen BEFORE DELETE OR UPDATE ON public.accounts_teamreview FOR EACH ROW WHEN ((old.answered_at IS NOT NULL)) EXECUTE FUNCTION opus_freeze_review();

CREATE TRIGGER accounts_teamreviewanswer_frozen BEFORE DELETE OR UPDATE ON public.accounts_teamreviewanswer FOR EACH ROW EXECUTE FUNCTION opus_freeze_review();

CREATE TRIGGER accounts_user_closes_with_nobody BEFORE UPDATE OF state ON public.accounts_user FOR EACH ROW WHEN ((((new.state)::text = 'ferme'::text) AND ((old.state)::text <> 'ferme'::text))) EXECUTE FUNCTION opus_closes_with_nobody();

CREATE TRIGGER accounts_user_erased BEFORE UPDATE OF erased_at ON public.accounts_user FOR EACH ROW WHEN ((old.erased_at IS DISTINCT FROM new.erased_at)) EXECUTE FUNCTION opus_erase_account();

CREATE TRIGGER accounts_user_moves BEFORE UPDATE OF state ON public.accounts_user FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"actif": ["ferme", "suspendu"], "cree": ["actif", "ferme", "suspendu"], "suspendu": ["actif", "cree", "ferme"]}');

CREATE TRIGGER accounts_user_no_delete BEFORE DELETE ON public.accounts_user FOR EACH ROW EXECUTE FUNCTION opus_keep_identifier();

CREATE TRIGGER accounts_user_office BEFORE UPDATE OF state ON public.accounts_user FOR EACH ROW WHEN ((((new.state)::text = 'ferme'::text) AND ((old.state)::text <> 'ferme'::text))) EXECUTE FUNCTION opus_keep_rgc_in_office();

CREATE TRIGGER accounts_user_quota_insert BEFORE INSERT ON public.accounts_user FOR EACH ROW WHEN ((((new.role)::text = 'conseiller'::text) AND ((new.state)::text = ANY (ARRAY['cree'::text, 'actif'::text])))) EXECUTE FUNCTION opus_enforce_quota();

CREATE TRIGGER accounts_user_quota_update BEFORE UPDATE OF state, role, structure_id ON public.accounts_user FOR EACH ROW WHEN ((((new.role)::text = 'conseiller'::text) AND ((new.state)::text = ANY (ARRAY['cree'::text, 'actif'::text])) AND (((old.role)::text <> 'conseiller'::text) OR ((old.state)::text <> ALL (ARRAY['cree'::text, 'actif'::text])) OR (old.structure_id IS DISTINCT FROM new.structure_id)))) EXECUTE FUNCTION opus_enforce_quota();

CREATE TRIGGER accounts_user_same_identifier BEFORE UPDATE OF identifier ON public.accounts_user FOR EACH ROW WHEN (((old.identifier)::text IS DISTINCT FROM (new.identifier)::text)) EXECUTE FUNCTION opus_keep_identifier();

CREATE TRIGGER accounts_user_version BEFORE UPDATE ON public.accounts_user FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER lib_auditentry_append_only BEFORE DELETE OR UPDATE ON public.lib_auditentry FOR EACH ROW EXECUTE FUNCTION opus_journal_is_append_only();

CREATE TRIGGER lib_auditentry_dated_now BEFORE INSERT ON public.lib_auditentry FOR EACH ROW EXECUTE FUNCTION opus_journal_is_dated_now();

CREATE TRIGGER lib_auditentry_no_truncate BEFORE TRUNCATE ON public.lib_auditentry FOR EACH STATEMENT EXECUTE FUNCTION opus_journal_is_append_only();

CREATE TRIGGER offers_everydayword_version BEFORE UPDATE ON public.offers_everydayword FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER offers_offer_index_insert AFTER INSERT ON public.offers_offer REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();

CREATE TRIGGER offers_offer_index_update AFTER UPDATE ON public.offers_offer REFERENCING OLD TABLE AS replaced NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION opus_index_offers();

CREATE TRIGGER offers_offer_mirror BEFORE INSERT OR DELETE OR UPDATE ON public.offers_offer FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();

CREATE TRIGGER offers_offersearch_forget AFTER DELETE ON public.offers_offersearch REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION opus_forget_seen();

CREATE TRIGGER offers_offersearch_mirror BEFORE INSERT OR DELETE OR UPDATE ON public.offers_offersearch FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();

CREATE TRIGGER offers_offersearch_trade BEFORE INSERT OR UPDATE ON public.offers_offersearch FOR EACH ROW WHEN (((new.rome_code)::text = ''::text)) EXECUTE FUNCTION opus_find_trade();

CREATE TRIGGER offers_quarantine_moves BEFORE UPDATE OF state ON public.offers_quarantine FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"attente": ["close"]}');

CREATE TRIGGER opus_posts_left_change BEFORE UPDATE ON public.offers_offer FOR EACH ROW WHEN ((((old.posts_left IS DISTINCT FROM new.posts_left) OR (old.mode_sequence IS DISTINCT FROM new.mode_sequence)) OR (old.mode_at IS DISTINCT FROM new.mode_at))) EXECUTE FUNCTION opus_posts_left_at();

CREATE TRIGGER opus_posts_left_come BEFORE INSERT ON public.offers_offer FOR EACH ROW WHEN ((new.posts_left IS NOT NULL)) EXECUTE FUNCTION opus_posts_left_at();

CREATE TRIGGER referrals_act_convocation_moves BEFORE UPDATE OF state ON public.referrals_act FOR EACH ROW WHEN ((((new.kind)::text = 'convocation'::text) AND ((old.state)::text IS DISTINCT FROM (new.state)::text))) EXECUTE FUNCTION opus_allow_moves('{"a_renseigner": ["absent", "annulee", "effectuee"], "effectuee": ["non_retenu", "retenu"], "modifiee": ["a_renseigner", "annulee", "remise"], "planifiee": ["a_renseigner", "annulee", "modifiee", "remise"], "remise": ["a_renseigner", "annulee", "modifiee"]}');

CREATE TRIGGER referrals_act_demande_cv_moves BEFORE UPDATE OF state ON public.referrals_act FOR EACH ROW WHEN ((((new.kind)::text = 'demande_cv'::text) AND ((old.state)::text IS DISTINCT FROM (new.state)::text))) EXECUTE FUNCTION opus_allow_moves('{"demandee": ["annulee", "relancee", "remise", "sans_cv"], "recu": ["annulee", "transmis"], "relancee": ["annulee", "recu", "remise", "sans_cv"], "remise": ["annulee", "recu", "relancee", "sans_cv"], "sans_cv": ["recu"], "transmis": ["annulee", "non_retenu", "retenu"]}');

CREATE CONSTRAINT TRIGGER referrals_act_has_details AFTER INSERT ON public.referrals_act DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.kind)::text = 'convocation'::text)) EXECUTE FUNCTION opus_convocation_has_details();

CREATE TRIGGER referrals_act_keeps_its_kind BEFORE UPDATE OF kind ON public.referrals_act FOR EACH ROW WHEN (((old.kind)::text IS DISTINCT FROM (new.kind)::text)) EXECUTE FUNCTION opus_refuse('Une proposition ne change pas de nature.');

CREATE TRIGGER referrals_act_mec_preselection_moves BEFORE UPDATE OF state ON public.referrals_act FOR EACH ROW WHEN ((((new.kind)::text = 'mec_preselection'::text) AND ((old.state)::text IS DISTINCT FROM (new.state)::text))) EXECUTE FUNCTION opus_allow_moves('{"a_examiner": ["annulee", "complement", "ecartee", "preselection"], "complement": ["a_examiner", "annulee"], "ecartee": ["a_examiner"], "entretien": ["annulee", "terminee"], "preselection": ["annulee", "presentee", "terminee"], "presentee": ["annulee", "entretien", "terminee"], "proposee": ["annulee", "remise"], "remise": ["a_examiner", "annulee"], "terminee": ["entretien", "preselection", "presentee"]}');

CREATE TRIGGER referrals_act_mise_en_contact_moves BEFORE UPDATE OF state ON public.referrals_act FOR EACH ROW WHEN ((((new.kind)::text = 'mise_en_contact'::text) AND ((old.state)::text IS DISTINCT FROM (new.state)::text))) EXECUTE FUNCTION opus_allow_moves('{"contact": ["annulee", "entretien", "terminee"], "entretien": ["annulee", "terminee"], "proposee": ["annulee", "remise"], "remise": ["annulee", "contact", "entretien", "terminee"], "terminee": ["contact", "entretien", "remise"]}');

CREATE TRIGGER referrals_act_stays BEFORE DELETE ON public.referrals_act FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_act_within_limits BEFORE INSERT ON public.referrals_act FOR EACH ROW EXECUTE FUNCTION opus_within_limits();

CREATE TRIGGER referrals_actstep_stays BEFORE DELETE ON public.referrals_actstep FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_appointmentdetails_of_a_convocation BEFORE INSERT OR UPDATE OF act_id ON public.referrals_appointmentdetails FOR EACH ROW EXECUTE FUNCTION opus_details_are_of_a_convocation();

CREATE TRIGGER referrals_appointmentdetails_slot_has_room BEFORE INSERT OR UPDATE OF slot_id ON public.referrals_appointmentdetails FOR EACH ROW WHEN ((new.slot_id IS NOT NULL)) EXECUTE FUNCTION opus_slot_has_room();

CREATE TRIGGER referrals_appointmentdetails_stays BEFORE DELETE ON public.referrals_appointmentdetails FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_candidate_adviser_is_open BEFORE INSERT OR UPDATE OF adviser_id ON public.referrals_candidate FOR EACH ROW EXECUTE FUNCTION opus_adviser_is_open();

CREATE TRIGGER referrals_candidate_dated BEFORE UPDATE ON public.referrals_candidate FOR EACH ROW WHEN (((to_jsonb(old.*) - ARRAY['id'::text, 'structure_id'::text, 'adviser_id'::text, 'transfer_id'::text, 'created_at'::text, 'changed_at'::text, 'version'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['id'::text, 'structure_id'::text, 'adviser_id'::text, 'transfer_id'::text, 'created_at'::text, 'changed_at'::text, 'version'::text]))) EXECUTE FUNCTION opus_date_candidate();

CREATE TRIGGER referrals_candidate_follower_is_decided BEFORE UPDATE OF adviser_id ON public.referrals_candidate FOR EACH ROW WHEN ((old.adviser_id IS DISTINCT FROM new.adviser_id)) EXECUTE FUNCTION opus_follower_is_decided();

CREATE TRIGGER referrals_candidate_legal_hold BEFORE DELETE ON public.referrals_candidate FOR EACH ROW EXECUTE FUNCTION opus_keep_under_legal_hold();

CREATE TRIGGER referrals_candidate_number_arrives BEFORE INSERT OR UPDATE OF ft_id ON public.referrals_candidate FOR EACH ROW WHEN (((new.ft_id)::text <> ''::text)) EXECUTE FUNCTION opus_number_arrives();

CREATE TRIGGER referrals_candidate_stays BEFORE DELETE ON public.referrals_candidate FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_candidate_version BEFORE UPDATE ON public.referrals_candidate FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER referrals_candidatehold_version BEFORE UPDATE ON public.referrals_candidatehold FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER referrals_caseloadtransfer_dates_itself BEFORE INSERT OR UPDATE ON public.referrals_caseloadtransfer FOR EACH ROW EXECUTE FUNCTION opus_transfer_dates_itself();

CREATE TRIGGER referrals_caseloadtransfer_frozen BEFORE UPDATE ON public.referrals_caseloadtransfer FOR EACH ROW WHEN ((((((((((((((old.account_id IS DISTINCT FROM new.account_id) OR (old.asked_by_id IS DISTINCT FROM new.asked_by_id)) OR (old.acts_to_id IS DISTINCT FROM new.acts_to_id)) OR (old.others_to_id IS DISTINCT FROM new.others_to_id)) OR (old.people IS DISTINCT FROM new.people)) OR (old.acts IS DISTINCT FROM new.acts)) OR (old.asked_at IS DISTINCT FROM new.asked_at)) OR (old.ready_at IS DISTINCT FROM new.ready_at)) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text)) OR ((old.at_once)::text IS DISTINCT FROM (new.at_once)::text)) OR (old.starts_on IS DISTINCT FROM new.starts_on)) OR (old.ends_on IS DISTINCT FROM new.ends_on)) OR (old.receiver_is_new IS DISTINCT FROM new.receiver_is_new))) EXECUTE FUNCTION opus_refuse('Un transfert demandé ne change plus : il s’annule.');

CREATE CONSTRAINT TRIGGER referrals_caseloadtransfer_leaves_nobody AFTER UPDATE OF state ON public.referrals_caseloadtransfer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((((new.state)::text = 'fait'::text) AND ((new.kind)::text = 'definitif'::text))) EXECUTE FUNCTION opus_transfer_leaves_nobody();

CREATE TRIGGER referrals_caseloadtransfer_moves BEFORE UPDATE OF state ON public.referrals_caseloadtransfer FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"attente": ["arrete", "fait"], "fait": ["rendu"]}');

CREATE TRIGGER referrals_caseloadtransfer_stays BEFORE DELETE ON public.referrals_caseloadtransfer FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un transfert ne s’efface pas.');

CREATE TRIGGER referrals_correction_is_kept BEFORE UPDATE OF gesture, field, before, after, reason, by_id, at ON public.referrals_correction FOR EACH ROW EXECUTE FUNCTION opus_keep_correction();

CREATE TRIGGER referrals_cvfile_stays BEFORE DELETE ON public.referrals_cvfile FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_document_stays BEFORE DELETE ON public.referrals_document FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_easydocument_stays BEFORE DELETE ON public.referrals_easydocument FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_favourite_within_limits BEFORE INSERT ON public.referrals_favourite FOR EACH ROW WHEN ((new.candidate_id IS NOT NULL)) EXECUTE FUNCTION opus_within_limits();

CREATE TRIGGER referrals_mailconsent_frozen BEFORE UPDATE ON public.referrals_mailconsent FOR EACH ROW WHEN ((((((old.given_on IS DISTINCT FROM new.given_on) OR ((old.way)::text IS DISTINCT FROM (new.way)::text)) OR (old.recorded_by_id IS DISTINCT FROM new.recorded_by_id)) OR (old.recorded_at IS DISTINCT FROM new.recorded_at)) OR ((old.withdrawn_at IS NOT NULL) AND ((old.withdrawn_at IS DISTINCT FROM new.withdrawn_at) OR (old.withdrawn_by_id IS DISTINCT FROM new.withdrawn_by_id))))) EXECUTE FUNCTION opus_refuse('Un accord enregistré ne change plus : il se retire.');

CREATE TRIGGER referrals_mailconsent_within_limits BEFORE INSERT ON public.referrals_mailconsent FOR EACH ROW EXECUTE FUNCTION opus_within_limits('courriels');

CREATE TRIGGER referrals_outcome_stays BEFORE DELETE ON public.referrals_outcome FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER referrals_outcomecode_version BEFORE UPDATE ON public.referrals_outcomecode FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER referrals_processinglimit_frozen BEFORE UPDATE ON public.referrals_processinglimit FOR EACH ROW WHEN (((((((old.processing)::text IS DISTINCT FROM (new.processing)::text) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text)) OR (old.placed_at IS DISTINCT FROM new.placed_at)) OR (old.placed_by_id IS DISTINCT FROM new.placed_by_id)) OR ((old.lifted_at IS NOT NULL) AND ((old.lifted_at IS DISTINCT FROM new.lifted_at) OR (old.lifted_by_id IS DISTINCT FROM new.lifted_by_id))))) EXECUTE FUNCTION opus_refuse('Une limite décidée ne change plus : elle se lève.');

CREATE TRIGGER referrals_savedsearch_limit BEFORE INSERT OR UPDATE OF account_id, candidate_id ON public.referrals_savedsearch FOR EACH ROW EXECUTE FUNCTION opus_limit_searches();

CREATE TRIGGER referrals_savedsearch_version BEFORE UPDATE ON public.referrals_savedsearch FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER referrals_savedsearch_within_limits BEFORE INSERT ON public.referrals_savedsearch FOR EACH ROW WHEN ((new.candidate_id IS NOT NULL)) EXECUTE FUNCTION opus_within_limits('veilles');

CREATE TRIGGER referrals_slot_closes_empty BEFORE UPDATE OF closed_at ON public.referrals_slot FOR EACH ROW WHEN ((new.closed_at IS NOT NULL)) EXECUTE FUNCTION opus_slot_closes_empty();

CREATE TRIGGER referrals_slot_keeps_its_places BEFORE UPDATE OF capacity ON public.referrals_slot FOR EACH ROW EXECUTE FUNCTION opus_slot_keeps_its_places();

CREATE TRIGGER referrals_slot_version BEFORE UPDATE ON public.referrals_slot FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER referrals_standin_fits BEFORE INSERT ON public.referrals_standin FOR EACH ROW EXECUTE FUNCTION opus_stand_in_fits();

CREATE TRIGGER referrals_standin_is_decided BEFORE INSERT ON public.referrals_standin FOR EACH ROW EXECUTE FUNCTION opus_stand_in_is_decided();

CREATE TRIGGER referrals_standin_only_ends BEFORE UPDATE ON public.referrals_standin FOR EACH ROW EXECUTE FUNCTION opus_stand_in_only_ends();

CREATE TRIGGER referrals_voiddocument_stays BEFORE DELETE ON public.referrals_voiddocument FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_stays_until_its_term();

CREATE TRIGGER support_announcement_kept BEFORE UPDATE ON public.support_announcement FOR EACH ROW WHEN ((((old.state)::text <> 'brouillon'::text) AND ((((((((((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR ((old.title)::text IS DISTINCT FROM (new.title)::text)) OR (old.text IS DISTINCT FROM new.text)) OR (old.note IS DISTINCT FROM new.note)) OR ((old.guide)::text IS DISTINCT FROM (new.guide)::text)) OR ((old.audience)::text IS DISTINCT FROM (new.audience)::text)) OR ((old.region)::text IS DISTINCT FROM (new.region)::text)) OR (old.goes_live_on IS DISTINCT FROM new.goes_live_on)) OR (old.published_on IS DISTINCT FROM new.published_on)))) EXECUTE FUNCTION opus_keep_announcements();

CREATE TRIGGER support_announcement_moves BEFORE UPDATE OF state ON public.support_announcement FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"brouillon": ["publiee"], "publiee": ["retiree"]}');

CREATE TRIGGER support_announcement_version BEFORE UPDATE ON public.support_announcement FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_certifiedbrowser_version BEFORE UPDATE ON public.support_certifiedbrowser FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_concernedcandidate_of_its_kind BEFORE INSERT OR UPDATE ON public.support_concernedcandidate FOR EACH ROW EXECUTE FUNCTION opus_concern_candidates();

CREATE TRIGGER support_concernedoffer_of_its_kind BEFORE INSERT OR UPDATE ON public.support_concernedoffer FOR EACH ROW EXECUTE FUNCTION opus_concern_offers();

CREATE TRIGGER support_guide_version BEFORE UPDATE ON public.support_guide FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_incident_version BEFORE UPDATE ON public.support_incident FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_message_stays BEFORE UPDATE ON public.support_message FOR EACH ROW EXECUTE FUNCTION opus_message_stays();

CREATE TRIGGER support_personfile_by_two BEFORE INSERT OR UPDATE OF asked_by_id, taken_by_id ON public.support_personfile FOR EACH ROW EXECUTE FUNCTION opus_two_for_a_copy();

CREATE TRIGGER support_personfile_not_refused BEFORE UPDATE OF taken_at ON public.support_personfile FOR EACH ROW WHEN ((new.taken_at IS NOT NULL)) EXECUTE FUNCTION opus_no_copy_once_refused();

CREATE TRIGGER support_plannedwork_guarded BEFORE DELETE OR UPDATE ON public.support_plannedwork FOR EACH ROW EXECUTE FUNCTION opus_guard_planned_works();

CREATE TRIGGER support_plannedwork_version BEFORE UPDATE ON public.support_plannedwork FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_question_version BEFORE UPDATE ON public.support_question FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_reply_frozen BEFORE UPDATE ON public.support_reply FOR EACH ROW WHEN ((((((old.request_id IS DISTINCT FROM new.request_id) OR ((old.kind)::text IS DISTINCT FROM (new.kind)::text)) OR (old.html IS DISTINCT FROM new.html)) OR ((old.html_sha256)::text IS DISTINCT FROM (new.html_sha256)::text)) OR (old.made_by_id IS DISTINCT FROM new.made_by_id))) EXECUTE FUNCTION opus_refuse('Le texte d’une lettre préparée ne change plus.');

CREATE TRIGGER support_rightsgesture_fits BEFORE INSERT ON public.support_rightsgesture FOR EACH ROW EXECUTE FUNCTION opus_gesture_fits();

CREATE TRIGGER support_rightsgesture_frozen BEFORE UPDATE ON public.support_rightsgesture FOR EACH ROW EXECUTE FUNCTION opus_refuse('Un geste fait ne change plus.');

CREATE TRIGGER support_rightsgesture_nothing BEFORE INSERT ON public.support_rightsgesture FOR EACH ROW WHEN (((new.kind)::text = 'rien'::text)) EXECUTE FUNCTION opus_nothing_is_true();

CREATE TRIGGER support_rightsgesture_stays BEFORE DELETE ON public.support_rightsgesture FOR EACH ROW WHEN ((current_setting('opus.purging'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION opus_refuse('Un geste fait ne s’efface pas.');

CREATE TRIGGER support_rightsrequest_done BEFORE UPDATE OF state ON public.support_rightsrequest FOR EACH ROW WHEN ((((new.state)::text = 'repondue'::text) AND ((old.state)::text <> 'repondue'::text))) EXECUTE FUNCTION opus_answer_what_was_done();

CREATE TRIGGER support_rightsrequest_moves BEFORE UPDATE OF state ON public.support_rightsrequest FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"en_cours": ["repondue", "refusee"], "recue": ["verifiee", "refusee"], "verifiee": ["en_cours"]}');

CREATE TRIGGER support_rightsrequest_version BEFORE UPDATE ON public.support_rightsrequest FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_survey_version BEFORE UPDATE ON public.support_survey FOR EACH ROW EXECUTE FUNCTION opus_raise_version();

CREATE TRIGGER support_ticket_moves BEFORE UPDATE OF state ON public.support_ticket FOR EACH ROW WHEN (((old.state)::text IS DISTINCT FROM (new.state)::text)) EXECUTE FUNCTION opus_allow_moves('{"clos": ["rouvert"], "etude": ["prevue", "declinee", "livree"], "ouvert": ["pris"], "precision": ["pris", "repondu", "clos", "etude", "prevue", "declinee", "livree"], "prevue": ["declinee", "livree"], "pris": ["precision", "repondu", "clos", "etude", "prevue", "declinee", "livree"], "repondu": ["clos", "rouvert"], "rouvert": ["pris"]}');

