"""A site made of a run: what ``openaudit publish`` writes, for any host that serves plain files, and for file://.

``settings`` reads how it is to look, ``addresses`` says where each page is. ``models`` makes what belongs to one model
(in several processes) and puts a brief of it on the ``shelf``, a database. ``overview`` asks that for what is about
many; ``index``, ``compare``, ``topics`` and ``api`` show it. ``history`` tells what changed since the site was last
published, ``folder`` writes what changed and takes away what is gone. Pages are written as they are made, and no list
of models is ever held. Nothing is judged here, and no clock is read: every date is that of an audit.
"""
