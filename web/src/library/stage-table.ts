import { type TemplateResult, html } from 'lit';
import type { StageSummary } from '../api/types';
import { metric, took, words } from '../shared/format';
import './stage-table.css';

/** Short name of a row: the stage, and which part of the work where it was divided. */
function nameOf({ stage, chunk, attempt }: StageSummary): string {
  const part = chunk === null ? '' : `, part ${chunk + 1}`;
  return words(stage) + part + (attempt > 1 ? ` (attempt ${attempt})` : '');
}

function metricsOf(summary: StageSummary): string {
  return Object.entries(summary.metrics)
    .map(([name, value]) => metric(name, value))
    // A line may break between measurements, not within one.
    .map(({ label, value }) => `${label} ${value}`.replaceAll(' ', '\u00a0'))
    .join(' · ');
}

/** What the stages reported, in the order they ran. */
export function stageTable(stages: readonly StageSummary[]): TemplateResult {
  return html`
    <div class="stage-table" tabindex="0" role="group" aria-label="Stages">
      <table>
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Took</th>
            <th scope="col">Outcome</th>
            <th scope="col">Measured</th>
          </tr>
        </thead>
        <tbody>
          ${stages.map(
            (summary) => html`
              <tr>
                <th scope="row">${nameOf(summary)}</th>
                <td class="figures">${took(summary.duration_ms)}</td>
                <td class=${summary.outcome === 'failed' ? 'stage-failed' : ''}>${words(summary.outcome)}</td>
                <td class="soft">${metricsOf(summary)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
