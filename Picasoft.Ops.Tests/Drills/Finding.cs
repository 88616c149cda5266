namespace Picasoft.Ops.Tests.Drills;

/// <summary>What the study found (docs/etude), each cured in docker/ha. <c>--control</c> leaves one cure out: if nothing goes wrong then, the drill would not see it come back either.</summary>
internal enum Finding
{
    /// <summary>Patroni 3.0.2 on etcd's v3 API: an old primary that comes back overwrites the leader key.</summary>
    Etcd3,
    /// <summary>A client that cancels a commit which waits for its standby, and believes the answer.</summary>
    Cancel,
    /// <summary>More than one Etherpad on one database.</summary>
    Etherpads,
}
