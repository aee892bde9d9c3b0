import type { Plugin } from 'vite';

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface TaggedTemplate extends Node {
  readonly tag: { readonly type: string; readonly name?: string };
  readonly quasi: { readonly quasis: readonly Node[] };
}

function isTemplate(node: Node): node is TaggedTemplate {
  return node.type === 'TaggedTemplateExpression';
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
  } else if (typeof value === 'object' && value !== null) {
    if ('type' in value) yield value as Node;
    for (const part of Object.values(value)) yield* nodesOf(part);
  }
}

/**
 * Writes the line breaks and indents of lit's templates as single spaces. They mean the same there: no page has
 * preformatted text in a template.
 */
export function templateWhitespace(): Plugin {
  return {
    name: 'heaters-template-whitespace',
    apply: 'build',
    enforce: 'post',
    transform(code, id) {
      if (!id.includes('/src/') || !code.includes('html`')) return null;
      const quasis = [...nodesOf(this.parse(code))]
        .filter(isTemplate)
        .filter(({ tag }) => tag.name === 'html' || tag.name === 'svg')
        .flatMap(({ quasi }) => quasi.quasis)
        .toSorted((one, other) => other.start - one.start);
      let short = code;
      for (const { start, end } of quasis) {
        short = short.slice(0, start) + code.slice(start, end).replace(/\s*\n\s*/g, ' ') + short.slice(end);
      }
      return { code: short, map: null };
    },
  };
}
