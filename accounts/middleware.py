from opus.lib.http import HeadersMiddleware


class AccessMiddleware(HeadersMiddleware):
    pass
