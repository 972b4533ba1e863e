from accounts.signin.models.access_changes import (
    LinkExpired,
    SecurityEvent,
    SecurityEventKind,
)
from accounts.signin.models.charter import CharterAcceptance
from accounts.signin.models.factor_recovery import (
    OPEN_STATES,
    FactorReset,
    FactorResetStep,
    LossReason,
    ResetState,
)
from accounts.signin.models.factors import (
    BACKUP_CODES,
    BACKUP_LENGTH,
    BackupCode,
    BackupCodeSet,
    Passkey,
    TotpDevice,
)
from accounts.signin.models.rate_limits import Throttle, Usage
from accounts.signin.models.sessions import (
    OpenSession,
    OpenSessionQuerySet,
    SessionEnd,
    limits_of,
)
