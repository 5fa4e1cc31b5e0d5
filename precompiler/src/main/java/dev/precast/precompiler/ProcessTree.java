package dev.precast.precompiler;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A child and all its descendants that were seen. A member stays a member after its parent has ended. Not thread safe.
 */
final class ProcessTree {
    private static final int UPDATES_BETWEEN_WHOLE_LOOKS = 20;

    private final Map<Long, ProcessTable.Row> seen = new HashMap<>();
    private final Set<Long> strangers = new HashSet<>();
    private final long root;
    private long cpuMillis;
    private int updates;

    ProcessTree(long root) {
        this.root = root;
    }

    /** Updates the tree from a table. */
    Usage update(Map<Long, ProcessTable.Row> table) {
        boolean grew = true;
        while (grew) {
            grew = false;
            for (ProcessTable.Row row : table.values()) {
                if (!isMember(row) && (row.pid() == root || isChildOfMember(row, table))) {
                    seen.put(row.pid(), row);
                    grew = true;
                }
            }
        }
        takeNoteOfStrangers(table);
        long ownCpu = 0;
        long liveCpu = 0;
        long resident = 0;
        int live = 0;
        int threads = 0;
        for (Map.Entry<Long, ProcessTable.Row> member : seen.entrySet()) {
            ProcessTable.Row now = table.get(member.getKey());
            if (now != null && isMember(now)) {
                member.setValue(now);
                liveCpu += now.ownCpuMillis() + now.waitedCpuMillis();
                resident += now.residentBytes();
                live += now.ended() ? 0 : 1;
                threads += now.ended() ? 0 : now.threads();
            }
            ownCpu += member.getValue().ownCpuMillis();
        }
        // A process that ended is part of its parent's sum only if the parent waited for it.
        cpuMillis = Math.max(cpuMillis, Math.max(ownCpu, liveCpu));
        return new Usage(cpuMillis, resident, live, threads);
    }

    /**
     * Process ids that do not belong to the tree and need no further check. Cleared regularly, because systems reuse
     * process ids.
     */
    Set<Long> strangers() {
        return strangers;
    }

    private void takeNoteOfStrangers(Map<Long, ProcessTable.Row> table) {
        if (++updates % UPDATES_BETWEEN_WHOLE_LOOKS == 0) {
            strangers.clear();
        } else {
            table.values().stream().filter(row -> !isMember(row)).forEach(row -> strangers.add(row.pid()));
        }
    }

    private boolean isMember(ProcessTable.Row row) {
        ProcessTable.Row known = seen.get(row.pid());
        return known != null && known.started() == row.started();
    }

    private boolean isChildOfMember(ProcessTable.Row row, Map<Long, ProcessTable.Row> table) {
        ProcessTable.Row parent = table.get(row.parent());
        return parent != null && isMember(parent) && row.started() >= parent.started();
    }

    /** The running members. */
    List<ProcessTable.Row> living(Map<Long, ProcessTable.Row> table) {
        return table.values().stream()
                .filter(row -> isMember(row) && !row.ended())
                .toList();
    }

    /**
     * The resources of the tree.
     *
     * @param cpuMillis CPU time so far
     * @param residentBytes current resident memory
     * @param processes number of running processes
     * @param threads number of their threads
     */
    record Usage(long cpuMillis, long residentBytes, int processes, int threads) {}
}
