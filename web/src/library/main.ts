import { html } from 'lit';
import { start } from '../shell/start';
import './library-page';

void start('library', (app) => html`<library-page .app=${app}></library-page>`);
