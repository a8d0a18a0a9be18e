import { Problem } from '../../problem.ts'
import { sizeOf } from '../../tensor/tensor.ts'
import { type Dtype, dtypeBits, type SafetensorsFile, type TensorEntry } from '../safetensors.ts'
import { type Pickled, Rebuilt, type Storage, storageTypes, unpickle } from './unpickle.ts'
import { damaged, type ReadBytes, readZipDirectory, type ZipEntry } from './zip-directory.ts'

/** Largest table of contents, in bytes; a Stable Diffusion XL checkpoint has half a megabyte. */
const largestPickle = 64 * 2 ** 20

/** Reads what a PyTorch file (`torch.save` since version 1.6: `.ckpt`, `.pt`, `.pth`, `.bin`) holds. Its tensors are uncompressed
 *  in a zip archive, so they are byte ranges as in a safetensors file. The pickle in it is read as data and never executed.
 *  @throws Problem PICKLE_* */
export function readTorchFile(path: string, byteLength: number, read: ReadBytes): SafetensorsFile {
  const entries = readZipDirectory(path, byteLength, read)
  const pickle = [...entries.values()].find(({ name }) => /^[^/]*\/data\.pkl$/.test(name))
  if (pickle === undefined) {
    throw new Problem('PICKLE_ARCHIVE', `${path} is a zip archive, but no model that PyTorch saved.`, {
      hint: 'Unpack it, and choose the model in it.',
    })
  }
  if (pickle.length > largestPickle) throw damaged(path, `its table of contents has ${pickle.length} bytes`)
  const folder = pickle.name.slice(0, -'data.pkl'.length)
  refuseBigEndian(path, entries.get(`${folder}byteorder`), read)
  const root = unpickle(path, read(pickle.offset, pickle.length))
  const { tensors, step } = flatten(path, root)
  const placed = [...tensors].map(([name, tensor]) => [name, place(path, name, tensor, entries, folder)] as const)
  return {
    path,
    byteLength,
    metadata: step === undefined ? {} : { global_step: String(step) },
    tensors: new Map(placed),
  }
}

function refuseBigEndian(path: string, entry: ZipEntry | undefined, read: ReadBytes): void {
  if (entry === undefined || entry.length > 16) return
  const order = Buffer.from(read(entry.offset, entry.length)).toString('latin1')
  if (order === 'little') return
  throw new Problem('PICKLE_ORDER', `${path} was saved on a computer with another order of bytes (${order}).`, {
    hint: 'Use the same model saved as .safetensors.',
  })
}

/** Deeper than any state dict. */
const deepest = 8
const mostTensors = 200_000

/** The tensors by their path of keys. What training programs put around the weights (`state_dict`) is no part of the names. */
function flatten(path: string, root: Pickled): { tensors: Map<string, Rebuilt>; step: number | undefined } {
  const tensors = new Map<string, Rebuilt>()
  const visit = (value: Pickled, name: string, depth: number) => {
    if (value instanceof Rebuilt) tensors.set(name, value)
    if (tensors.size > mostTensors || depth > deepest) throw damaged(path, 'its dictionaries have no end')
    if (!(value instanceof Map)) return
    for (const [key, inner] of value) {
      if (typeof key === 'string' || typeof key === 'number')
        visit(inner, name === '' ? `${key}` : `${name}.${key}`, depth + 1)
    }
  }
  let weights = root
  for (let depth = 0; weights instanceof Map && weights.get('state_dict') instanceof Map && depth < deepest; depth++) {
    weights = weights.get('state_dict')
  }
  visit(weights, '', 0)
  if (tensors.size === 0) throw damaged(path, 'it holds no tensors')
  const step = root instanceof Map ? root.get('global_step') : undefined
  return { tensors, step: typeof step === 'number' ? step : undefined }
}

function place(
  path: string,
  name: string,
  { storage, offset, shape, strides }: Rebuilt,
  entries: ReadonlyMap<string, ZipEntry>,
  folder: string,
): TensorEntry {
  const dtype = dtypeOf(storage)
  const size = dtypeBits[dtype] / 8
  const shown = JSON.stringify(name.slice(0, 120))
  const file = entries.get(`${folder}data/${storage.key}`)
  if (file === undefined) throw damaged(path, `the numbers of ${shown} are missing`)
  const elements = sizeOf(shape)
  const last = offset + elements
  if (!Number.isSafeInteger(last * size) || last > storage.size || last * size > file.length) {
    throw damaged(path, `${shown} reaches beyond the numbers that are stored for it`)
  }
  const entry = { name, dtype, shape, offset: file.offset + offset * size, length: elements * size }
  if (elements < 2 || isInOrder(shape, strides)) return entry
  if (shape.length === 2 && isInOrder(shape.toReversed(), strides.toReversed())) {
    return { ...entry, arrangement: 'transposed' }
  }
  throw new Problem(
    'PICKLE_STRIDES',
    `${shown} in ${path} is a part of another tensor that does not lie in one piece.`,
    {
      hint: 'Use the same model saved as .safetensors.',
    },
  )
}

const dtypeOf = ({ type }: Storage): Dtype => {
  const [, dtype] = Object.entries(storageTypes).find(([name]) => name === type) ?? ['', 'F32']
  return dtype
}

/** Row-major without gaps; the step along a dimension of one element does not matter. */
function isInOrder(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false
    step *= shape[axis]
  }
  return true
}
