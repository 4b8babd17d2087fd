"""A site made of a run: what ``openaudit publish`` writes, for any host that serves plain files, and for file://.

``settings`` reads how it is to look, ``addresses`` says where each page is, ``models`` makes what belongs to one model
(in several processes), ``overview`` everything that is about many, ``history`` what changed since the site was last
published, ``folder`` writes what changed and takes away what is gone. Nothing is judged here, and no clock is read:
every date is that of an audit.
"""
