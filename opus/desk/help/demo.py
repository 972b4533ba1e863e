from opus.desk.first_help import load_help
from opus.lib.demo import brings


@brings("aide")
def seed_help() -> int:
    return load_help()
