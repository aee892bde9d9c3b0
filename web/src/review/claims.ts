import { type Api, bodyOf } from '../api/client';
import type { Clip } from '../api/types';
import type { HeldPage } from '../shell/held-page';
import { type QueueFilters, ALL_PENDING, apiFilters, claimFilters } from './filters';

const AT_ONCE = 12;

export interface NextClips {
  readonly clips: readonly Clip[];
  readonly ended: boolean;
}

/** The queue as the API gives it: clips that wait are leased to this page, so that no other page shows them. */
export class Claims {
  private cursor: string | null = null;

  constructor(
    private readonly api: Api,
    private readonly page: Pick<HeldPage, 'id'>,
    private readonly filters: QueueFilters,
  ) {}

  /** Whether the queue is of clips that wait for review: decided ones are looked at without a claim. */
  get leases(): boolean {
    return this.filters.state === ALL_PENDING.state;
  }

  /** The next clips; `after` is the last one that is here already, in the order of the queue. */
  async next(after: string | null): Promise<NextClips> {
    return this.leases ? this.claim(after) : this.list(after === null);
  }

  private async claim(after: string | null): Promise<NextClips> {
    const body = { page: this.page.id, filters: claimFilters(this.filters), order: this.filters.order, limit: AT_ONCE, after };
    const { clips } = await bodyOf(this.api.POST('/v1/claims', { body }));
    return { clips, ended: clips.length === 0 };
  }

  private async list(fromStart: boolean): Promise<NextClips> {
    if (fromStart) this.cursor = null;
    const query = {
      ...apiFilters(this.filters),
      state: this.filters.state,
      order: this.filters.order,
      limit: AT_ONCE,
      ...(this.cursor === null ? {} : { cursor: this.cursor }),
    };
    const { items, next_cursor: cursor } = await bodyOf(this.api.GET('/v1/clips', { params: { query } }));
    this.cursor = cursor;
    return { clips: items, ended: cursor === null };
  }

  /** Keeps the clips for another lease; gives those that others got or that wait no more. */
  async renew(clips: readonly string[]): Promise<readonly string[]> {
    if (!this.leases || clips.length === 0) return [];
    const body = { page: this.page.id, clips: [...clips] };
    return (await bodyOf(this.api.POST('/v1/claims/renew', { body }))).lost;
  }
}
