import { z } from "zod";
import type { PagerDutyApi } from "../pager-duty-api.ts";

const serviceShape = z.object({ id: z.string(), name: z.string() });
const windowShape = z.object({
  id: z.string(),
  description: z.string().nullish(),
  start_time: z.string(),
  end_time: z.string(),
});

type Service = z.infer<typeof serviceShape>;
type MaintenanceWindow = z.infer<typeof windowShape>;

interface NewWindow {
  readonly description: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly services: readonly string[];
  /** E-mail address of the user in whose name it is made: PagerDuty asks for one. */
  readonly from: string;
}

/** The maintenance windows of PagerDuty. Every method throws PagerDutyError. */
export class MaintenanceWindows {
  readonly #api: PagerDutyApi;

  constructor(api: PagerDutyApi) {
    this.#api = api;
  }

  services(query: string): Promise<Service[]> {
    return this.#api.all("/services", { query }, "services", serviceShape);
  }

  /** Those that have not ended. */
  async open(now: Date): Promise<MaintenanceWindow[]> {
    const all = await this.#api.all(
      "/maintenance_windows",
      { filter: "open" },
      "maintenance_windows",
      windowShape,
    );
    return all.filter(({ end_time }) => Date.parse(end_time) > now.getTime());
  }

  async emailOf(userId: string): Promise<string> {
    const shape = z.object({ user: z.object({ email: z.string() }) });
    const { user } = await this.#api.call("GET", `/users/${encodeURIComponent(userId)}`, shape);
    return user.email;
  }

  async create({ description, startsAt, endsAt, services, from }: NewWindow): Promise<string> {
    const shape = z.object({ maintenance_window: z.object({ id: z.string() }) });
    const body = {
      maintenance_window: {
        type: "maintenance_window",
        description,
        start_time: startsAt.toISOString(),
        end_time: endsAt.toISOString(),
        services: services.map((id) => ({ id, type: "service_reference" })),
      },
    };
    const answer = await this.#api.call("POST", "/maintenance_windows", shape, {
      body,
      headers: { from },
    });
    return answer.maintenance_window.id;
  }

  /** One that is on ends now, one that is to come goes. */
  async end(id: string): Promise<void> {
    await this.#api.call("DELETE", `/maintenance_windows/${encodeURIComponent(id)}`, z.unknown());
  }
}
