import { globSync, readFileSync } from 'node:fs'
import { parseAst } from 'rolldown/parseAst'

/** The texts of the interface, read from the page's sources: which are looked up in the tables of languages, and which were forgotten. */
export interface SaidTexts {
  /** English texts that are looked up, each with the places where it stands. */
  readonly keys: ReadonlyMap<string, string>
  /** `file:line: text` of what is shown and not looked up. */
  readonly bare: readonly string[]
}

interface Node {
  readonly type: string
  readonly start: number
}
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
const member = (node: Node, key: string): unknown => Reflect.get(node, key)
const nodeIn = (node: Node, key: string): Node | undefined => {
  const value = member(node, key)
  return isNode(value) ? value : undefined
}
const childrenOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode)
const nameOf = (node: Node | undefined): string => {
  const name = node && (member(node, 'name') ?? member(node, 'value'))
  return typeof name === 'string' ? name : ''
}

/** Attributes and properties whose words a person sees or hears. */
const SHOWN = ['aria-label', 'title', 'placeholder', 'label', 'alt', 'use', 'hint', 'words', 'unavailable', 'text']
/** Functions that show what they are given. */
const SAYS = ['say', 'announce']
const LOOKED_UP = ['t']
/** What is the same in all languages: names, units, symbols, keys. */
const SAME =
  /^(?:[^\p{L}]*|Sfumato|LoRA|px|x|s|kB|MB|GB|dB|fp16|fp32|Esc|Del|Ctrl|Alt|Shift|V|S|PNG|PSD|PNG, JPEG|CLIP)$/u

/** The texts that an expression can come to: through conditions, not through calls. */
function textsOf(node: Node): { text: string; at: Node }[] {
  const inner = (key: string) => {
    const found = nodeIn(node, key)
    return found === undefined ? [] : textsOf(found)
  }
  switch (node.type) {
    case 'Literal': {
      const value = member(node, 'value')
      return typeof value === 'string' ? [{ text: value, at: node }] : []
    }
    case 'TemplateLiteral': {
      const quasis = member(node, 'quasis')
      const parts = Array.isArray(quasis) ? quasis.filter(isNode) : []
      const text = parts.map(part => String(Reflect.get(Object(member(part, 'value')), 'cooked'))).join('…')
      return [{ text, at: node }]
    }
    case 'ConditionalExpression':
      return [...inner('consequent'), ...inner('alternate')]
    case 'LogicalExpression':
      return [...inner('left'), ...inner('right')]
    case 'JSXExpressionContainer':
    case 'TSAsExpression':
      return inner('expression')
    default:
      return []
  }
}

/** The table that an expression takes one text of, `WORDS` of `WORDS[kind]`, also with another text where there is none. */
function tableIn(node: Node): string {
  if (node.type === 'LogicalExpression') return tableIn(nodeIn(node, 'left') ?? node)
  return node.type === 'MemberExpression' && member(node, 'computed') === true ? nameOf(nodeIn(node, 'object')) : ''
}

const isSaid = (text: string): boolean => !SAME.test(text.trim())

/** Reads the texts of some files. @param pattern of paths, from the project's folder */
export function saidTexts(patterns: readonly string[]): SaidTexts {
  const keys = new Map<string, string>()
  const bare: string[] = []
  for (const file of patterns.flatMap(pattern => globSync(pattern)).filter(path => !/\.test\.|testing/.test(path))) {
    const source = readFileSync(file, 'utf8')
    const place = ({ start }: Node) => `${file}:${source.slice(0, start).split('\n').length}`
    const forgotten = (node: Node) => {
      for (const { text, at } of textsOf(node)) {
        if (isSaid(text)) bare.push(`${place(at)}: ${text.trim()}`)
      }
    }
    const lookedUp = (node: Node) => {
      for (const { text, at } of textsOf(node)) if (isSaid(text)) keys.set(text, place(at))
    }
    const tables = new Map<string, readonly Node[]>()
    const visit = (node: Node): void => {
      if (node.type === 'VariableDeclarator' && nodeIn(node, 'init')?.type === 'ObjectExpression') {
        const table = childrenOf(nodeIn(node, 'init') ?? node).flatMap(property => nodeIn(property, 'value') ?? [])
        tables.set(nameOf(nodeIn(node, 'id')), table)
      }
      if (node.type === 'JSXText' && isSaid(nameOf(node))) bare.push(`${place(node)}: ${nameOf(node).trim()}`)
      if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
        const children = member(node, 'children')
        const inside = Array.isArray(children) ? children.filter(isNode) : []
        for (const child of inside) if (child.type === 'JSXExpressionContainer') forgotten(child)
      }
      if (node.type === 'JSXAttribute' && SHOWN.includes(nameOf(nodeIn(node, 'name')))) {
        const value = nodeIn(node, 'value')
        if (value !== undefined) forgotten(value)
      }
      if (node.type === 'Property' && SHOWN.includes(nameOf(nodeIn(node, 'key')))) {
        const value = nodeIn(node, 'value')
        // With a name in it, it is made where it is said; or it is the label of an edit, which stays in the document's journal.
        const isMade =
          value?.type === 'TemplateLiteral' && childrenOf(value).some(({ type }) => type !== 'TemplateElement')
        if (value !== undefined && !isMade) lookedUp(value)
        else if (value !== undefined && !/canvas\/actions|open-files/.test(file)) forgotten(value)
      }
      if (node.type === 'CallExpression') {
        const called = nameOf(nodeIn(node, 'callee'))
        const given = member(node, 'arguments')
        const [first] = Array.isArray(given) ? given.filter(isNode) : []
        if (first !== undefined && LOOKED_UP.includes(called)) {
          lookedUp(first)
          for (const value of tables.get(tableIn(first)) ?? []) lookedUp(value)
        }
        if (first !== undefined && SAYS.includes(called)) forgotten(first)
      }
      for (const child of childrenOf(node)) visit(child)
    }
    visit(parseAst(source, { lang: 'tsx' }, file))
  }
  return { keys, bare }
}
