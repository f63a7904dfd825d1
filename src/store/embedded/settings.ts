/** Settings of the server, by name; written to postgresql.conf at each start. */
export type Settings = Record<string, string | number | boolean>;

/**
 * Lean, because the whole product has 300 MB, and durable: fsync, synchronous_commit and full_page_writes
 * stay on. An operator overrides any of them with ALTER SYSTEM, which wins over this file.
 */
export function defaultSettings(major: number, socketDir: string): Settings {
  return {
    listen_addresses: '',
    port: 5432,
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0777',
    password_encryption: 'scram-sha-256',
    // For an API and a conductor in processes of their own, and somebody's psql.
    max_connections: 48,
    superuser_reserved_connections: 2,

    fsync: true,
    synchronous_commit: true,
    full_page_writes: true,
    // After a crash: one call for the file system instead of one for each of a thousand files (seconds).
    recovery_init_sync_method: 'syncfs',
    // No standby is fed from it: less to write. Moving to a replicated server is an export and import.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '256MB',
    min_wal_size: '64MB',

    shared_buffers: '32MB',
    work_mem: '4MB',
    maintenance_work_mem: '16MB',
    effective_cache_size: '256MB',
    huge_pages: false,
    jit: false,
    max_parallel_workers: 0,
    max_parallel_workers_per_gather: 0,
    max_worker_processes: 2,
    max_logical_replication_workers: 0,
    ...(major >= 18 ? { io_method: 'sync' } : {}),

    autovacuum: true,
    autovacuum_max_workers: 1,
    autovacuum_naptime: '20s',
    // Node rows are updated over and over: vacuum by little and often.
    autovacuum_vacuum_scale_factor: 0.05,
    autovacuum_analyze_scale_factor: 0.05,

    timezone: 'UTC',
    log_timezone: 'UTC',
    datestyle: 'ISO',
    lc_messages: 'C',
    log_min_messages: 'warning',
    log_checkpoints: false,
    // Statements in the log may hold secrets' ciphertext and people's data.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_line_prefix: '%m [%p] ',
    update_process_title: false,
  };
}

/** The text of postgresql.conf. */
export function renderSettings(settings: Settings): string {
  const lines = Object.entries(settings).map(([name, value]) => {
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    return `${name} = '${text.replaceAll("'", "''")}'`;
  });
  return `# Written at each start. Change settings with ALTER SYSTEM, which wins over this file.\n${lines.join('\n')}\n`;
}

/** Only our own two roles, only by the socket, only with the password. */
export const HBA = '# Written at each start.\nlocal all all scram-sha-256\n';
