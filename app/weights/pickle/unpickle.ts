import { Problem } from '../../problem.ts'

/** What the pickle of a state dict is made of. Nothing in a pickle is ever called: names are only looked up in the lists of this file
 *  and torch-file.ts, and a name that is not there ends the reading. */
export type Pickled =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Pickled[]
  | Map<unknown, Pickled>
  | Name
  | Storage
  | Rebuilt

/** A name of Python's: "torch.FloatStorage". */
export class Name {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** A storage of a torch file. */
export class Storage {
  /** E.g. "torch.FloatStorage". */
  readonly type: string
  /** Its file in the archive is `data/KEY`. */
  readonly key: string
  /** Elements. */
  readonly size: number
  constructor(type: string, key: string, size: number) {
    this.type = type
    this.key = key
    this.size = size
  }
}

/** A tensor: a view of a storage, in elements. */
export class Rebuilt {
  readonly storage: Storage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.strides = strides
  }
}

/** The functions whose result is known here. */
const functions: Readonly<Record<string, (values: readonly Pickled[], fail: Fail) => Pickled>> = {
  'collections.OrderedDict': (values, fail) =>
    values.length === 0 ? new Map() : fail('fills a dictionary in an unusual way'),
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_parameter': ([tensor], fail) =>
    tensor instanceof Rebuilt ? tensor : fail('has a parameter of no tensor'),
}

/** Types of storages, and the bits and names that their elements have in safetensors files. */
export const storageTypes = {
  'torch.FloatStorage': 'F32',
  'torch.HalfStorage': 'F16',
  'torch.BFloat16Storage': 'BF16',
  'torch.DoubleStorage': 'F64',
  'torch.LongStorage': 'I64',
  'torch.IntStorage': 'I32',
  'torch.ShortStorage': 'I16',
  'torch.CharStorage': 'I8',
  'torch.ByteStorage': 'U8',
  'torch.BoolStorage': 'BOOL',
} as const

type Fail = (found: string) => never

function rebuildTensor(values: readonly Pickled[], fail: Fail): Rebuilt {
  const [storage, offset, shape, strides] = values
  const isSound =
    storage instanceof Storage &&
    isCount(offset) &&
    isCounts(shape) &&
    isCounts(strides) &&
    shape.length === strides.length
  return isSound ? new Rebuilt(storage, offset, shape, strides) : fail('describes a tensor in an unusual way')
}

const isCount = (value: Pickled): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isCounts = (value: Pickled): value is number[] =>
  Array.isArray(value) && value.length <= 16 && value.every(isCount)

/** Reads the pickle of a state dict, as `torch.save` writes it: numbers, texts, lists, dictionaries, and tensors by reference.
 *  @throws Problem PICKLE_CODE naming what else is in it, PICKLE_ARCHIVE for damaged ones */
export function unpickle(path: string, bytes: Uint8Array): Pickled {
  return new Machine(path, bytes).run()
}

class Machine {
  readonly #path: string
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #memo = new Map<number, Pickled>()
  #stack: Pickled[] = []
  readonly #marks: Pickled[][] = []
  #at = 0

  constructor(path: string, bytes: Uint8Array) {
    this.#path = path
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  run(): Pickled {
    for (;;) {
      const code = this.#byte()
      if (code === stop) return this.#pop()
      const step = this.#steps[code]
      if (step === undefined) throw this.#foreign(`the instruction 0x${code.toString(16).padStart(2, '0')}`)
      step()
    }
  }

  /** Instructions by their byte (Python's pickletools): those that torch.save writes, in protocols 2 to 5. */
  readonly #steps: Readonly<Partial<Record<number, () => void>>> = {
    128: () => void this.#byte(), // PROTO
    149: () => void this.#take(8), // FRAME
    [char('(')]: () => {
      this.#marks.push(this.#stack)
      this.#stack = []
    },
    [char('N')]: () => this.#push(null),
    136: () => this.#push(true),
    137: () => this.#push(false),
    [char('J')]: () => this.#push(this.#view.getInt32(this.#take(4), true)),
    [char('K')]: () => this.#push(this.#byte()),
    [char('M')]: () => this.#push(this.#view.getUint16(this.#take(2), true)),
    138: () => this.#push(this.#long(this.#byte())),
    [char('G')]: () => this.#push(this.#view.getFloat64(this.#take(8))),
    [char('X')]: () => this.#push(this.#text(this.#view.getUint32(this.#take(4), true))),
    140: () => this.#push(this.#text(this.#byte())),
    [char('B')]: () => this.#push(this.#slice(this.#view.getUint32(this.#take(4), true))),
    [char('C')]: () => this.#push(this.#slice(this.#byte())),
    [char(']')]: () => this.#push([]),
    [char('}')]: () => this.#push(new Map()),
    [char(')')]: () => this.#push([]),
    [char('a')]: () => this.#append([this.#pop()]),
    [char('e')]: () => this.#append(this.#popMark()),
    [char('s')]: () => {
      const value = this.#pop()
      this.#setItems([this.#pop(), value])
    },
    [char('u')]: () => this.#setItems(this.#popMark()),
    [char('t')]: () => this.#push(this.#popMark()),
    133: () => this.#push(this.#popMany(1)),
    134: () => this.#push(this.#popMany(2)),
    135: () => this.#push(this.#popMany(3)),
    [char('0')]: () => void this.#pop(),
    [char('q')]: () => void this.#memo.set(this.#byte(), this.#top()),
    [char('r')]: () => void this.#memo.set(this.#view.getUint32(this.#take(4), true), this.#top()),
    148: () => void this.#memo.set(this.#memo.size, this.#top()),
    [char('h')]: () => this.#push(this.#recall(this.#byte())),
    [char('j')]: () => this.#push(this.#recall(this.#view.getUint32(this.#take(4), true))),
    [char('c')]: () => this.#push(this.#name(this.#line(), this.#line())),
    147: () => {
      const [module, name] = this.#popMany(2)
      if (typeof module !== 'string' || typeof name !== 'string') throw this.#damaged('names nothing')
      this.#push(this.#name(module, name))
    },
    [char('Q')]: () => this.#push(this.#storage(this.#pop())),
    [char('R')]: () => this.#reduce(),
    // The attributes of a dictionary (`_metadata` of a module's state) hold nothing that is needed.
    [char('b')]: () => {
      this.#pop()
      if (!(this.#top() instanceof Map)) throw this.#foreign('an object with attributes')
    },
  }

  #reduce(): void {
    const [callee, values] = this.#popMany(2)
    if (!(callee instanceof Name) || !Array.isArray(values)) throw this.#damaged('calls what is no function')
    const known = Object.hasOwn(functions, callee.text) ? functions[callee.text] : undefined
    if (known === undefined) throw this.#foreign(callee.text)
    this.#push(
      known(values, found => {
        throw this.#damaged(found)
      }),
    )
  }

  #name(module: string, name: string): Name {
    const text = `${module}.${name}`
    if (Object.hasOwn(functions, text) || Object.hasOwn(storageTypes, text)) return new Name(text)
    throw this.#foreign(text)
  }

  /** ("storage", type, key, place, number of elements) */
  #storage(id: Pickled): Storage {
    if (Array.isArray(id)) {
      const [kind, type, key, , size] = id
      const isSound = kind === 'storage' && type instanceof Name && Object.hasOwn(storageTypes, type.text)
      if (isSound && typeof key === 'string' && isCount(size)) return new Storage(type.text, key, size)
    }
    throw this.#damaged('describes a storage in an unusual way')
  }

  #append(items: readonly Pickled[]): void {
    const list = this.#top()
    if (!Array.isArray(list)) throw this.#damaged('adds to what is no list')
    for (const item of items) list.push(item)
  }

  #setItems(items: readonly Pickled[]): void {
    const map = this.#top()
    if (!(map instanceof Map) || items.length % 2 !== 0) throw this.#damaged('fills what is no dictionary')
    for (let k = 0; k < items.length; k += 2) map.set(items[k], items[k + 1])
  }

  #push(value: Pickled): void {
    this.#stack.push(value)
  }

  #pop(): Pickled {
    if (this.#stack.length === 0) throw this.#damaged('takes more than it holds')
    return this.#stack.pop()
  }

  #popMany(count: number): Pickled[] {
    if (this.#stack.length < count) throw this.#damaged('takes more than it holds')
    return this.#stack.splice(this.#stack.length - count)
  }

  #popMark(): Pickled[] {
    const items = this.#stack
    const outer = this.#marks.pop()
    if (outer === undefined) throw this.#damaged('closes what was not opened')
    this.#stack = outer
    return items
  }

  #top(): Pickled {
    if (this.#stack.length === 0) throw this.#damaged('looks at what is not there')
    return this.#stack.at(-1)
  }

  #recall(place: number): Pickled {
    if (!this.#memo.has(place)) throw this.#damaged('remembers what was not said')
    return this.#memo.get(place)
  }

  /** Advances by some bytes. @returns where they begin */
  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw this.#damaged('breaks off')
    this.#at = start + length
    return start
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]
  }

  #slice(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #text(length: number): string {
    return Buffer.from(this.#slice(length)).toString('utf8')
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end < 0 || end - this.#at > 1000) throw this.#damaged('breaks off')
    const text = this.#text(end - this.#at)
    this.#take(1)
    return text
  }

  /** A whole number of up to 8 bytes, little-endian, two's complement. */
  #long(length: number): number | bigint {
    if (length > 8) throw this.#damaged('holds a number beyond 64 bits')
    const bytes = this.#slice(length)
    let value = 0n
    for (let k = length - 1; k >= 0; k--) value = (value << 8n) | BigInt(bytes[k])
    const signed = BigInt.asIntN(length * 8, value)
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed
  }

  #foreign(what: string): Problem {
    return new Problem(
      'PICKLE_CODE',
      `${this.#path} holds ${what.slice(0, 200)}, which is no part of weights and could run code; it is not opened.`,
      {
        hint: 'Use the same model saved as .safetensors.',
      },
    )
  }

  #damaged(found: string): Problem {
    return new Problem('PICKLE_ARCHIVE', `${this.#path} is not a sound PyTorch file: its table of contents ${found}.`, {
      hint: 'Download or copy it again.',
    })
  }
}

const stop = char('.')

function char(text: string): number {
  return text.charCodeAt(0)
}
