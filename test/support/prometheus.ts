import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/lab/free-port.js';

const RULES = fileURLToPath(new URL('../../deploy/alerts/oomscope.rules.yaml', import.meta.url));

/** `make test` installs it; `make check` does without. */
export const prometheusIsHere = spawnSync('prometheus', ['--version']).error === undefined;

export interface FiringAlert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A real one that reads the metrics as docs/kubernetes.md says, but each second, and judges the rules of deploy/. */
export class Prometheus {
  private constructor(
    private readonly process: ChildProcess,
    private readonly port: number,
    private readonly directory: string,
  ) {}

  /** `target` is host:port; without a token it asks without one. */
  static async start(target: string, token?: string): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), 'oomscope-prometheus-'));
    const tokenFile = join(directory, 'token');
    if (token !== undefined) writeFileSync(tokenFile, token, { mode: 0o600 });
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [RULES],
      scrape_configs: [
        {
          job_name: 'oomscope',
          ...(token === undefined ? {} : { authorization: { credentials_file: tokenFile } }),
          static_configs: [{ targets: [target] }],
        },
      ],
    };
    // JSON is YAML.
    writeFileSync(join(directory, 'prometheus.yaml'), JSON.stringify(config));
    const port = await freePort(0);
    const process = spawn(
      'prometheus',
      [
        `--config.file=${join(directory, 'prometheus.yaml')}`,
        `--storage.tsdb.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    return new Prometheus(process, port, directory);
  }

  /** The answer to a query; null while it does not answer. */
  async value(query: string): Promise<string | null> {
    const answer = await this.ask<{ result: { value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(query)}`,
    );
    return answer?.result[0]?.value[1] ?? null;
  }

  async alerts(): Promise<readonly FiringAlert[]> {
    return (await this.ask<{ alerts: FiringAlert[] }>('alerts'))?.alerts ?? [];
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill('SIGKILL');
      await once(this.process, 'close');
    }
    rmSync(this.directory, { recursive: true });
  }

  private async ask<T>(path: string): Promise<T | null> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}`).catch(() => null);
    if (answer === null || !answer.ok) return null;
    return ((await answer.json()) as { data: T }).data;
  }
}
