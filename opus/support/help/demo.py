from opus.lib.demo import brings
from opus.support.help.first_help import load_help


@brings("aide")
def seed_help() -> int:
    return load_help()
