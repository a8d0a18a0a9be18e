import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseAst } from 'rolldown/parseAst'

/** The sentences of problems, read from the sources: what a person is told when something fails, with holes for what is put into them,
 *  and the phrases that are put there. */

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
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
const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode)
const nameOf = (node: Node | undefined): string => {
  const name: unknown = node && (Reflect.get(node, 'name') ?? Reflect.get(node, 'value'))
  return typeof name === 'string' ? name : ''
}
/** Of `called()`, and of `this.#called()`: methods of others share their names with too much else. */
const nameOfCallee = (node: Node): string => {
  const callee = nodeIn(node, 'callee')
  const property = callee && nodeIn(callee, 'property')
  return nameOf(callee) || (property?.type === 'PrivateIdentifier' ? `#${nameOf(property)}` : '')
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

/** The strings that an expression can come to, through conditions alone: those that are put together elsewhere are none of them. */
function stringsOf(node: Node): Node[] {
  const inner = (key: string) => {
    const found = nodeIn(node, key)
    return found === undefined ? [] : stringsOf(found)
  }
  if (node.type === 'ConditionalExpression') return [...inner('consequent'), ...inner('alternate')]
  if (node.type === 'LogicalExpression') return [...inner('left'), ...inner('right')]
  if (node.type === 'TSAsExpression') return inner('expression')
  return [node]
}

/** `The {name} of {path} is missing.` Undefined where it is no text of its own: a hole alone says nothing. */
function textOf(node: Node): string | undefined {
  if (node.type !== 'TemplateLiteral') return node.type === 'Literal' && nameOf(node) !== '' ? nameOf(node) : undefined
  const taken = new Set<string>()
  const holes = nodesIn(node, 'expressions').map(hole => `{${holeOf(hole, taken)}}`)
  const parts = nodesIn(node, 'quasis').map(part => String(Reflect.get(Object(Reflect.get(part, 'value')), 'cooked')))
  const text = parts.map((part, k) => part + (holes[k] ?? '')).join('')
  return /\p{L}/u.test(text.replaceAll(/\{\w+\}/g, '')) ? text : undefined
}

const add = <Value>(map: Map<string, Value[]>, key: string, value: Value): void => {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

/** A function around an expression: its name, what it takes, what stands in it. */
interface Around {
  readonly name: string
  readonly parameters: readonly Node[]
  readonly body: Node
}

/** An expression and where it stands. */
interface Place {
  readonly node: Node
  readonly file: string
  readonly functions: readonly Around[]
}

/** Sources, read once: problems, and by name what is called, what constants are, what functions give back. */
export class Sources {
  readonly problems: Place[] = []
  readonly #calls = new Map<string, Place[]>()
  readonly #constants = new Map<string, Place[]>()
  readonly #returned = new Map<string, Place[]>()
  readonly #sources = new Map<string, string>()

  constructor(patterns: readonly string[]) {
    for (const file of patterns.flatMap(pattern => globSync(pattern)).filter(path => !/\.test\.|testing/.test(path))) {
      const source = readFileSync(file, 'utf8')
      this.#sources.set(file, source)
      const body = parseAst(source, { lang: 'ts' }, file)
      this.#visit({ node: body, file, functions: [{ name: '', parameters: [], body }] }, '')
    }
  }

  lineOf({ node, file }: Place): string {
    return `${file}:${this.#sources.get(file)?.slice(0, node.start).split('\n').length}`
  }

  /** Calls of a function of a file: there, and in files that import from it by its name. */
  callsOf(name: string, file: string): readonly Place[] {
    const imports = `/${basename(file)}'`
    const known = (caller: string) => caller === file || this.#sources.get(caller)?.includes(imports)
    return name === '' ? [] : (this.#calls.get(name) ?? []).filter(call => known(call.file))
  }

  /** Constants of a name that are declared within a node. */
  constantsIn(body: Node, name: string, file: string): readonly Place[] {
    const isWithin = ({ node }: Place) => body.start <= node.start && node.end <= body.end
    return (this.#constants.get(name) ?? []).filter(place => place.file === file && isWithin(place))
  }

  /** What a function of a file gives back. */
  returnedBy(name: string, file: string): readonly Place[] {
    return name === '' ? [] : (this.#returned.get(name) ?? []).filter(place => place.file === file)
  }

  /** @param name of what the node is the value of */
  #visit(place: Place, name: string): void {
    const { node } = place
    if (node.type === 'NewExpression' && nameOfCallee(node) === 'Problem') this.problems.push(place)
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const called = nameOfCallee(node)
      add(this.#calls, called, place)
    }
    const value = node.type === 'VariableDeclarator' ? nodeIn(node, 'init') : undefined
    if (value !== undefined) add(this.#constants, nameOf(nodeIn(node, 'id')), { ...place, node: value })
    const given = node.type === 'ReturnStatement' ? nodeIn(node, 'argument') : undefined
    if (given !== undefined) add(this.#returned, place.functions[0]?.name ?? '', { ...place, node: given })
    const key = nodeIn(node, 'id') ?? nodeIn(node, 'key')
    const named = `${key?.type === 'PrivateIdentifier' ? '#' : ''}${nameOf(key)}`
    const isFunction = /Function/.test(node.type)
    const around = isFunction
      ? [{ name: named || name, parameters: nodesIn(node, 'params'), body: node }, ...place.functions]
      : place.functions
    const inner = isFunction ? '' : named || (/TS\w+Expression/.test(node.type) ? name : '')
    for (const child of childrenOf(node)) this.#visit({ ...place, node: child, functions: around }, inner)
  }
}

/** What is told of a problem: its sentence, and what to do. */
function toldOf(problem: Place): Node[] {
  const [, message, more] = nodesIn(problem.node, 'arguments')
  const hints = (more === undefined ? [] : nodesIn(more, 'properties'))
    .filter(property => nameOf(nodeIn(property, 'key')) === 'hint')
    .map(property => nodeIn(property, 'value'))
  return [message, ...hints].filter(node => node !== undefined)
}

/** All sentences of problems, each with the place where it stands: what happened, and what to do. */
export function problemTexts(sources: Sources): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const problem of sources.problems) {
    for (const node of toldOf(problem).flatMap(stringsOf)) {
      const text = textOf(node)
      if (text !== undefined) found.set(text, sources.lineOf({ ...problem, node }))
    }
  }
  return found
}

/** What a name stands for around an expression: constants, and what the functions around it are called with. */
function valuesOf(name: string, place: Place, sources: Sources): Place[] {
  const found: Place[] = []
  for (const { name: called, parameters, body } of place.functions) {
    found.push(...sources.constantsIn(body, name, place.file))
    for (const [index, parameter] of parameters.entries()) {
      const fallback = parameter.type === 'AssignmentPattern' ? nodeIn(parameter, 'right') : undefined
      const own = parameter.type === 'AssignmentPattern' ? nodeIn(parameter, 'left') : parameter
      if (nameOf(own) !== name) continue
      if (fallback !== undefined) found.push({ ...place, node: fallback })
      for (const call of sources.callsOf(called, place.file)) {
        const given = nodesIn(call.node, 'arguments')[index]
        if (given !== undefined) found.push({ ...call, node: given })
      }
    }
    if (found.length > 0) break
  }
  return found
}

/** All phrases that are put into sentences of problems: each is said in a language of its own, and so are those within it.
 *  @param holes that phrases are put into; in others stand names and numbers */
export function problemPhrases(sources: Sources, holes: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const seen = new Set<string>()
  const filled = (template: Node) =>
    nodesIn(template, 'expressions').filter(hole => holes.has(holeOf(hole, new Set<string>())))
  /** Holes of a text, and what the names in them stand for. */
  const follow = (place: Place): void => {
    for (const node of stringsOf(place.node)) {
      const text = textOf(node)
      if (text !== undefined && /\p{L} | \p{L}/u.test(text)) found.set(text, sources.lineOf({ ...place, node }))
      if (node.type === 'TemplateLiteral') for (const hole of filled(node)) follow({ ...place, node: hole })
      // A table that something is looked up in.
      if (node.type === 'MemberExpression' && Reflect.get(node, 'computed') === true)
        follow({ ...place, node: nodeIn(node, 'object') ?? node })
      if (node.type === 'ObjectExpression')
        for (const property of nodesIn(node, 'properties'))
          follow({ ...place, node: nodeIn(property, 'value') ?? property })
      if (node.type === 'CallExpression') sources.returnedBy(nameOfCallee(node), place.file).forEach(follow)
      const key = `${place.file}:${node.start}`
      if (node.type !== 'Identifier' || seen.has(key)) continue
      seen.add(key)
      valuesOf(nameOf(node), place, sources).forEach(follow)
    }
  }
  for (const problem of sources.problems) {
    for (const node of toldOf(problem).flatMap(stringsOf)) {
      if (node.type === 'TemplateLiteral') for (const hole of filled(node)) follow({ ...problem, node: hole })
      else follow({ ...problem, node })
    }
  }
  return found
}
