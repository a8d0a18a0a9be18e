/** Small PyTorch files for tests and for fuzzing, written byte by byte: a pickle and storages, uncompressed in a zip archive. */

const ascii = (text: string) => Buffer.from(text, 'latin1')

/** A text as protocol 2 writes it. */
export function pickledText(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([ascii('X'), length, bytes])
}

function pickledInteger(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return Buffer.concat([ascii('J'), bytes])
}

const pickledTuple = (values: readonly number[]) =>
  Buffer.concat([ascii('('), ...values.map(pickledInteger), ascii('t')])

/** A float32 tensor over the storage `data/KEY`. */
export interface SampleTensor {
  readonly key: string
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly offset?: number
  /** Elements of the storage. */
  readonly stored: number
}

function pickledTensor({ key, shape, strides, offset = 0, stored }: SampleTensor): Buffer {
  return Buffer.concat([
    ascii('ctorch._utils\n_rebuild_tensor_v2\n(('),
    ...[
      pickledText('storage'),
      ascii('ctorch\nFloatStorage\n'),
      pickledText(key),
      pickledText('cpu'),
      pickledInteger(stored),
    ],
    ascii('tQ'),
    ...[pickledInteger(offset), pickledTuple(shape), pickledTuple(strides)],
    ascii('\x89ccollections\nOrderedDict\n)RtR'),
  ])
}

/** The pickle of a dictionary. @param extra bytes of further keys and values */
export const pickledState = (
  tensors: Readonly<Record<string, SampleTensor>>,
  extra: Uint8Array = new Uint8Array(),
): Buffer =>
  Buffer.concat([
    ascii('\x80\x02}('),
    ...Object.entries(tensors).flatMap(([name, tensor]) => [pickledText(name), pickledTensor(tensor)]),
    extra,
    ascii('u.'),
  ])

/** A zip archive of uncompressed files, as torch writes it (no checksums: nobody looks at them). */
export function zipped(files: Readonly<Record<string, Uint8Array>>, method = 0): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50)
    central.writeUInt16LE(method, 10)
    central.writeUInt32LE(content.length, 20)
    central.writeUInt32LE(content.length, 24)
    central.writeUInt16LE(Buffer.byteLength(name), 28)
    central.writeUInt32LE(offset, 42)
    parts.push(local, Buffer.from(name), Buffer.from(content))
    directory.push(central, Buffer.from(name))
    offset += 30 + Buffer.byteLength(name) + content.length
  }
  const end = Buffer.alloc(22)
  const list = Buffer.concat(directory)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, list, end])
}

/** A whole file. @param storages float32 values by key */
export const torchFile = (pickle: Uint8Array, storages: Readonly<Record<string, readonly number[]>> = {}): Buffer =>
  zipped({
    'model/data.pkl': pickle,
    'model/byteorder': Buffer.from('little'),
    ...Object.fromEntries(
      Object.entries(storages).map(([key, values]) => [
        `model/data/${key}`,
        Buffer.from(Float32Array.from(values).buffer),
      ]),
    ),
  })
