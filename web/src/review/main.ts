import { html } from 'lit';
import { start } from '../shell/start';
import './review-page';

void start('review', (app) => html`<review-page .app=${app}></review-page>`);
