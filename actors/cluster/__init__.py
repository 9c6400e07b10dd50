"""The one place where Ray is met."""

from actors.cluster.running import CannotJoin, Cluster, end
from actors.cluster.settings import ClusterSettings, new_id

__all__ = ["CannotJoin", "Cluster", "ClusterSettings", "end", "new_id"]
