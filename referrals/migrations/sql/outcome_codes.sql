-- The coded outcomes to begin with; France Travail edits them in the admin (5.2).
INSERT INTO referrals_outcomecode (code, label, kind, position, is_open) VALUES
    ('embauche', 'Embauché', 'embauche', 1, true),
    ('non-retenu-competences', 'Non retenu : compétences', 'non_retenu', 2, true),
    ('non-retenu-experience', 'Non retenu : expérience', 'non_retenu', 3, true),
    ('non-retenu-mobilite', 'Non retenu : mobilité', 'non_retenu', 4, true),
    ('non-retenu-disponibilite', 'Non retenu : disponibilité', 'non_retenu', 5, true),
    ('non-retenu-doublon', 'Non retenu : candidature déjà reçue', 'non_retenu', 6, true),
    ('non-retenu-autre', 'Non retenu : autre motif', 'non_retenu', 7, true),
    ('absent', 'Ne s’est pas présenté', 'non_retenu', 8, true),
    ('refus-candidat', 'Candidat non intéressé', 'retrait', 9, true),
    ('indisponible', 'Indisponible : emploi ou formation', 'retrait', 10, true),
    ('injoignable', 'Injoignable', 'retrait', 11, true),
    ('poste-pourvu', 'Poste pourvu ou retiré', 'non_retenu', 12, true),
    ('sans-nouvelles', 'Sans nouvelles', 'sans_nouvelles', 13, true);
