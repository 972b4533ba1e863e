-- The coded outcomes to begin with; France Travail edits them in the admin (5.2).
INSERT INTO referrals_outcomecode (code, label, kind, position, is_open) VALUES
    ('embauche', 'Embauche', 'embauche', 1, true),
    ('non-retenu-competences', 'Non retenue : compétences', 'non_retenu', 2, true),
    ('non-retenu-experience', 'Non retenue : expérience', 'non_retenu', 3, true),
    ('non-retenu-mobilite', 'Non retenue : mobilité', 'non_retenu', 4, true),
    ('non-retenu-disponibilite', 'Non retenue : disponibilité', 'non_retenu', 5, true),
    ('non-retenu-doublon', 'Non retenue : candidature déjà reçue', 'non_retenu', 6, true),
    ('non-retenu-autre', 'Non retenue : autre motif', 'non_retenu', 7, true),
    ('absent', 'Absence à l’entretien', 'non_retenu', 8, true),
    ('refus-candidat', 'Offre refusée par le candidat', 'retrait', 9, true),
    ('indisponible', 'Indisponible : emploi ou formation', 'retrait', 10, true),
    ('injoignable', 'Injoignable', 'retrait', 11, true),
    ('poste-pourvu', 'Poste pourvu ou retiré', 'non_retenu', 12, true),
    ('sans-nouvelles', 'Sans nouvelles', 'sans_nouvelles', 13, true);
