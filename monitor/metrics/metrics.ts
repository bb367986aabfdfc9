import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ObservedBlock } from "../chain/observe.ts";
import type { Outcome } from "../deliver/route.ts";
import type { Store } from "../store/store.ts";
import type { Progress } from "../watch/follower.ts";
import { type Probe, probeName } from "../watch/probe.ts";
import { readingOf } from "../watch/readings.ts";
import { type MetricName, metricDefinitions } from "./definitions.ts";

/** What the monitor could not do. */
export type Part =
  | "poll"
  | "probe"
  | "rule"
  | "rule file"
  | "declared programs"
  | "notice"
  | "heartbeat"
  | "database";

/** The monitor's figures, for Prometheus. Counters begin at 0 with the process. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<MetricName, Gauge>();
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();
  #lastBlockTime: number | undefined;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const [key, definition] of Object.entries(metricDefinitions)) {
      const { name, help, type, labels, buckets } = definition;
      const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
      const metric = key as MetricName;
      if (type === "gauge") this.#gauges.set(metric, new Gauge(options));
      else if (type === "counter") this.#counters.set(metric, new Counter(options));
      else
        this.#histograms.set(metric, new Histogram({ ...options, buckets: [...(buckets ?? [])] }));
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  error(part: Part): void {
    this.#add("errors", 1, { part });
  }

  told(outcome: Outcome): void {
    if (outcome.kind !== "sent") this.error("notice");
  }

  block({ time, aborted, watched }: ObservedBlock): void {
    this.#add("blocks", 1);
    this.#add("aborted", aborted.length);
    if (this.#lastBlockTime !== undefined) {
      this.#observe("blockInterval", (time - this.#lastBlockTime) / 1_000);
    }
    this.#lastBlockTime = time;
    for (const { program, kind, function: name, status, fee, ...moved } of watched) {
      this.#add("transactions", 1, { program, kind, function: name, status });
      this.#add("fees", Number(fee), { program, status });
      this.#add("creditsIn", Number(moved.creditsIn), { program });
      this.#add("creditsOut", Number(moved.creditsOut), { program });
      this.#add("operations", moved.changes.length, { program });
    }
  }

  progress({ cursor, head, looks, strangers }: Progress, now: number): void {
    for (const { endpoint, answeredMs, height } of looks) {
      const isUp = height !== undefined && !strangers.includes(endpoint);
      this.#set("endpointUp", isUp ? 1 : 0, { endpoint });
      if (answeredMs !== undefined) {
        this.#observe("endpointAnswer", answeredMs / 1_000, { endpoint });
      }
      if (height !== undefined) this.#set("endpointHeight", height, { endpoint });
    }
    if (cursor === undefined || head === undefined) return;
    this.#set("height", cursor.height);
    this.#set("head", head);
    this.#set("lagBlocks", Math.max(0, head - cursor.height));
    if (cursor.time > 0) this.#set("lagSeconds", Math.max(0, (now - cursor.time) / 1_000));
    this.#set("lastPoll", now / 1_000);
  }

  probe(probe: Probe, value: string | undefined): void {
    if (value === undefined) return;
    if (probe.kind === "balance") this.#set("balance", Number(value), { account: probe.address });
    if (probe.kind === "program") {
      const { edition } = readingOf("program", value);
      this.#set("edition", edition, { program: probe.program });
    }
    if (probe.kind === "backups") {
      const times = Object.entries(readingOf("backups", value));
      for (const [program, { newest, verified, restored }] of times) {
        if (newest !== undefined) this.#set("lastBackup", seconds(newest), { program });
        if (verified !== undefined) this.#set("lastVerified", seconds(verified), { program });
        if (restored !== undefined) this.#set("lastRestored", seconds(restored), { program });
      }
    }
    if (probe.kind === "solvency") {
      const { held, owed } = readingOf("solvency", value);
      this.#set("held", Number(held), { program: probe.program });
      this.#set("owed", Number(owed), { program: probe.program });
    }
  }

  /** Takes the figures that the store keeps. */
  store(store: Store, probes: readonly Probe[]): void {
    this.#reset("alerts");
    for (const { rule, severity, status } of store.alerts.open()) {
      this.#increase("alerts", { rule, severity, status });
    }
    this.#reset("outbox");
    for (const { route, outcome, count } of store.outbox.counts()) {
      this.#set("outbox", count, { route, outcome });
    }
    for (const probe of probes) this.probe(probe, store.probes.get(probeName(probe))?.value);
  }

  #add(name: MetricName, value: number, labels: Record<string, string> = {}): void {
    this.#counters.get(name)?.inc(labels, value);
  }

  #increase(name: MetricName, labels: Record<string, string>): void {
    this.#gauges.get(name)?.inc(labels, 1);
  }

  #set(name: MetricName, value: number, labels: Record<string, string> = {}): void {
    this.#gauges.get(name)?.set(labels, value);
  }

  #observe(name: MetricName, value: number, labels: Record<string, string> = {}): void {
    this.#histograms.get(name)?.observe(labels, value);
  }

  #reset(name: MetricName): void {
    this.#gauges.get(name)?.reset();
  }
}

function seconds(time: string): number {
  return Date.parse(time) / 1_000;
}
