package dev.precast.precompiler;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A child and all that descends from it, as far as it was ever seen: who was a member once stays one, also when its
 * parent is gone. For one thread.
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

    /** Takes in what the table shows. */
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
        for (Map.Entry<Long, ProcessTable.Row> member : seen.entrySet()) {
            ProcessTable.Row now = table.get(member.getKey());
            if (now != null && isMember(now)) {
                member.setValue(now);
                liveCpu += now.ownCpuMillis() + now.waitedCpuMillis();
                resident += now.residentBytes();
                live += now.ended() ? 0 : 1;
            }
            ownCpu += member.getValue().ownCpuMillis();
        }
        // Who ended counts in its parent's sum only if the parent waited, and here only if it was seen.
        cpuMillis = Math.max(cpuMillis, Math.max(ownCpu, liveCpu));
        return new Usage(cpuMillis, resident, live);
    }

    /**
     * Who is known not to belong here and need not be looked at again; now and then nobody, since numbers of processes
     * are used again.
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

    /** The members that run now. */
    List<ProcessTable.Row> living(Map<Long, ProcessTable.Row> table) {
        return table.values().stream()
                .filter(row -> isMember(row) && !row.ended())
                .toList();
    }

    /**
     * What the tree used.
     *
     * @param cpuMillis CPU time so far
     * @param residentBytes memory now
     * @param processes how many run now
     */
    record Usage(long cpuMillis, long residentBytes, int processes) {}
}
