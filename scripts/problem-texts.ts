import { globSync, readFileSync } from 'node:fs'
import { parseAst } from 'rolldown/parseAst'

/** The sentences of problems, read from the sources: what a person is told when something fails, with holes for what is put into them. */

interface Node {
  readonly type: string
  readonly start: number
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
const nodeIn = (node: Node, key: string): Node | undefined => {
  const value: unknown = Reflect.get(node, key)
  return isNode(value) ? value : undefined
}
const nodesIn = (node: Node, key: string): Node[] => {
  const value: unknown = Reflect.get(node, key)
  return Array.isArray(value) ? value.filter(isNode) : []
}
const nameOf = (node: Node | undefined): string => {
  const name: unknown = node && (Reflect.get(node, 'name') ?? Reflect.get(node, 'value'))
  return typeof name === 'string' ? name : ''
}

/** What a hole is called: after the variable or the property that fills it; the second of a name gets a number. */
function holeOf(node: Node, taken: Set<string>): string {
  const said = nameOf(node) || nameOf(nodeIn(node, 'property')) || 'it'
  const name = /^\w+$/.test(said) ? said : 'it'
  let hole = name
  for (let count = 2; taken.has(hole); count++) hole = `${name}${count}`
  taken.add(hole)
  return hole
}

/** The sentences that an expression can come to: `The {name} of {path} is missing.` Those that are put together elsewhere are none of them. */
function sentencesOf(node: Node): string[] {
  const inner = (key: string) => {
    const found = nodeIn(node, key)
    return found === undefined ? [] : sentencesOf(found)
  }
  if (node.type === 'Literal') return nameOf(node) === '' ? [] : [nameOf(node)]
  if (node.type === 'ConditionalExpression') return [...inner('consequent'), ...inner('alternate')]
  if (node.type === 'LogicalExpression') return [...inner('left'), ...inner('right')]
  if (node.type !== 'TemplateLiteral') return []
  const taken = new Set<string>()
  const holes = nodesIn(node, 'expressions').map(hole => `{${holeOf(hole, taken)}}`)
  const parts = nodesIn(node, 'quasis').map(part => String(Reflect.get(Object(Reflect.get(part, 'value')), 'cooked')))
  return [parts.map((part, k) => part + (holes[k] ?? '')).join('')]
}

/** All sentences of problems, each with the place where it stands: what happened, and what to do. */
export function problemTexts(patterns: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const file of patterns.flatMap(pattern => globSync(pattern)).filter(path => !/\.test\.|testing/.test(path))) {
    const source = readFileSync(file, 'utf8')
    const take = (node: Node | undefined) => {
      if (node === undefined) return
      const place = `${file}:${source.slice(0, node.start).split('\n').length}`
      // A hole alone says nothing of its own.
      for (const text of sentencesOf(node)) if (/\p{L}/u.test(text.replaceAll(/\{\w+\}/g, ''))) found.set(text, place)
    }
    const visit = (node: Node): void => {
      if (node.type === 'NewExpression' && nameOf(nodeIn(node, 'callee')) === 'Problem') {
        const [, message, more] = nodesIn(node, 'arguments')
        take(message)
        for (const property of more === undefined ? [] : nodesIn(more, 'properties'))
          if (nameOf(nodeIn(property, 'key')) === 'hint') take(nodeIn(property, 'value'))
      }
      for (const child of Object.values(node).flat().filter(isNode)) visit(child)
    }
    visit(parseAst(source, { lang: 'ts' }, file))
  }
  return found
}
