"""Find, count and list active offers (R1, art. 3.1).

No query reads the whole table: ``words`` and ``conditions`` have indexes, ``counting``
stops at a cap, ``order`` returns one page, ``facets`` marks estimates, ``spelling`` and
``no_results`` help if nothing was found.
"""
