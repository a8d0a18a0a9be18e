/** A typed number or sum: digits, + - * / ^, brackets, a percent sign, "x" for times; comma or point as decimal mark.
 *  Nothing when it cannot be read as one finite number. Grammar, loosest first:
 *  sum = product (('+' | '-') product)*; product = power (('*' | '/') power)*; power = sign ('^' power)?. */
export function evaluate(text: string): number | undefined {
  const tokens = tokenise(text)
  if (tokens === undefined || tokens.length === 0) return undefined
  const reader = { tokens, at: 0 }
  const value = sum(reader)
  return reader.at === tokens.length && value !== undefined && Number.isFinite(value) ? value : undefined
}

interface Reader {
  readonly tokens: readonly (string | number)[]
  at: number
}

function tokenise(text: string): (string | number)[] | undefined {
  const plain = text.replaceAll('−', '-').replaceAll('×', '*').replaceAll('÷', '/')
  const tokens: (string | number)[] = []
  const pattern = /\s*(?:(\d+(?:[.,]\d+)?|[.,]\d+)|([-+*/^()%x]))/iy
  while (pattern.lastIndex < plain.trimEnd().length) {
    const match = pattern.exec(plain)
    if (match === null) return undefined
    const [, digits, sign] = match
    tokens.push(digits === undefined ? (sign ?? '').toLowerCase().replace('x', '*') : Number(digits.replace(',', '.')))
  }
  return tokens
}

const take = (reader: Reader, ...signs: string[]): string | undefined => {
  const token = reader.tokens[reader.at]
  if (typeof token !== 'string' || !signs.includes(token)) return undefined
  reader.at++
  return token
}

function chain(reader: Reader, signs: string[], part: (reader: Reader) => number | undefined): number | undefined {
  let value = part(reader)
  for (let sign = take(reader, ...signs); sign !== undefined && value !== undefined; sign = take(reader, ...signs)) {
    const next = part(reader)
    value = next === undefined ? undefined : apply(sign, value, next)
  }
  return value
}

function apply(sign: string, a: number, b: number): number {
  if (sign === '+') return a + b
  if (sign === '-') return a - b
  return sign === '*' ? a * b : a / b
}

const sum = (reader: Reader): number | undefined => chain(reader, ['+', '-'], product)
const product = (reader: Reader): number | undefined => chain(reader, ['*', '/'], signed)

function signed(reader: Reader): number | undefined {
  const sign = take(reader, '-', '+')
  if (sign === undefined) return power(reader)
  const value = signed(reader)
  return value === undefined || sign === '+' ? value : -value
}

function power(reader: Reader): number | undefined {
  const base = atom(reader)
  if (base === undefined || take(reader, '^') === undefined) return base
  const exponent = signed(reader)
  return exponent === undefined ? undefined : base ** exponent
}

function atom(reader: Reader): number | undefined {
  const token = reader.tokens[reader.at]
  let value: number | undefined
  if (typeof token === 'number') {
    reader.at++
    value = token
  } else if (take(reader, '(') !== undefined) {
    value = sum(reader)
    if (take(reader, ')') === undefined) return undefined
  }
  return value !== undefined && take(reader, '%') !== undefined ? value / 100 : value
}
