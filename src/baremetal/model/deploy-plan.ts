/** One thing that was looked at before a deploy. `ok` null: nobody can tell. */
export interface PlanCheck {
  what: string;
  ok: boolean | null;
  /** A sentence. */
  said: string;
}

/** How long a deploy will take, from those of the same kind. */
export interface PlanEstimate {
  seconds: number;
  /** `12 deploys of baremetal`. */
  from: string;
  parts: { what: string; seconds: number }[];
}

/** What a deploy would do, before anything is touched. */
export interface DeployPlan {
  node: string;
  /** No check said no. */
  ready: boolean;
  checks: PlanCheck[];
  steps: { interface: string; step: string; priority: number }[];
  estimate: PlanEstimate | null;
}

/** A finished deploy, as far as an estimate needs it. */
export interface Past {
  imageBytes: number | null;
  spans: readonly { on: string; what: string; seconds: number }[];
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
};

/** Medians of the parts; the time of writing grows with the image. Null without any deploy to go by. */
export function estimateFrom(past: readonly Past[], imageBytes: number | null, ofWhat: string): PlanEstimate | null {
  if (past.length === 0) return null;
  const byPart = new Map<string, number[]>();
  for (const one of past) {
    const sums = new Map<string, number>();
    for (const span of one.spans) {
      const what = span.on === 'machine' ? span.what : 'Ingot';
      const scale =
        what === 'write the image' && imageBytes !== null && one.imageBytes !== null && one.imageBytes > 0
          ? imageBytes / one.imageBytes
          : 1;
      sums.set(what, (sums.get(what) ?? 0) + span.seconds * scale);
    }
    for (const [what, seconds] of sums) byPart.set(what, [...(byPart.get(what) ?? []), seconds]);
  }
  const parts = [...byPart].map(([what, all]) => ({ what, seconds: Math.round(median(all) * 100) / 100 }));
  const seconds = Math.round(parts.reduce((sum, part) => sum + part.seconds, 0) * 100) / 100;
  return { seconds, from: `${past.length} ${past.length === 1 ? 'deploy' : 'deploys'} of ${ofWhat}`, parts };
}
