import type { Api } from '../api/client';
import type { Me } from '../api/types';
import type { OutboxSender } from '../outbox/sender';
import type { HeldPage } from './held-page';
import type { PendingCount } from './pending';

/** What every page is given once the person is signed in. */
export interface App {
  readonly api: Api;
  readonly me: Me;
  readonly page: Pick<HeldPage, 'id' | 'leave' | 'begin'>;
  readonly outbox: OutboxSender;
  readonly pending: PendingCount;
}
