import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Problem } from '../../problem.ts'
import { fileProblem } from '../../weights/safe-file.ts'
import { componentAtRoot, folderFiles, hasIndex, onlyFile } from './choose-files.ts'
import { addressOf, expectOk, type HubFile, type HubModel, pageOf, readHubModel, readText } from './hub.ts'
import { type DownloadPlan, ModelReference, type PlannedFile } from './records.ts'
import { checkFileName, checkRevision, isPlainPath, readReference } from './reference.ts'
import { insist, type Network, quickly, request, totalOf } from './request.ts'

/** Where models are looked up and where they go. */
export interface Place {
  readonly hub: URL
  /** The folder of the models that were fetched. */
  readonly folder: string
}

/** What a model consists of, read from the hub now: names, sizes, hashes, licence. Nothing is fetched yet.
 *  @throws Problem REFERENCE, HUB_*, WEIGHTS_*, NETWORK ... */
export async function lookUp(
  asked: ModelReference,
  place: Place,
  network: Network,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const { reference, revision, precision } = ModelReference.parse(asked)
  if (revision !== undefined) checkRevision(revision)
  const named = readReference(reference, place.hub)
  if (named.kind === 'address') return await planOfAddress(named.address, place, network, signal)
  const model = await readHubModel(place.hub, named.id, revision ?? named.revision, network, signal)
  if (named.file !== undefined) return await planOfFile(model, fileNamed(named.file, model), place, network, signal)
  if (hasIndex(model.files)) {
    const index = await readIndex(place.hub, model, network, signal)
    return await planOfFolder(model, folderFiles(model.id, model.files, index, precision), place, network, signal)
  }
  const component = componentAtRoot(model.id, model.files, precision)
  if (component) return await planOfFolder(model, component, place, network, signal)
  return await planOfFile(model, onlyFile(model.id, model.files), place, network, signal)
}

function fileNamed(path: string, { id, files }: HubModel): HubFile {
  const found = files.find(file => file.path === path)
  if (found && isPlainPath(path)) return found
  throw new Problem('HUB_UNKNOWN', `${id} has no file ${path}.`, { hint: 'Check its name.' })
}

const largestIndex = 2 ** 20

async function readIndex(hub: URL, model: HubModel, network: Network, signal: AbortSignal): Promise<unknown> {
  const address = addressOf(hub, model, 'model_index.json')
  const page = pageOf(hub, model.id)
  const text = await readText(address, largestIndex, network, signal, answer =>
    expectOk(answer, `model_index.json of ${model.id}`, page),
  )
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function planOfFolder(
  model: HubModel,
  chosen: readonly HubFile[],
  place: Place,
  network: Network,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const name = folderName(model.id)
  const files = await planned(model, chosen, place, network, signal)
  return await complete(
    { files, name: model.id, model: name, target: join(place.folder, name), isFile: false },
    model,
    place,
  )
}

async function planOfFile(
  model: HubModel,
  file: HubFile,
  place: Place,
  network: Network,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const base = file.path.slice(file.path.lastIndexOf('/') + 1)
  const [found] = await planned(model, [file], place, network, signal)
  const target = join(place.folder, folderName(model.id), base)
  const id = `${folderName(model.id)}--${base.replace(/\.safetensors$/, '')}`
  const files = [{ ...found, path: base }]
  return await complete({ files, name: `${model.id}/${file.path}`, model: id, target, isFile: true }, model, place)
}

const folderName = (id: string) => id.replace('/', '--')

async function complete(
  plan: Pick<DownloadPlan, 'files' | 'name' | 'model' | 'target' | 'isFile'>,
  { id, commit, licence }: HubModel,
  { hub, folder }: Place,
): Promise<DownloadPlan> {
  const about = { host: hub.host, page: pageOf(hub, id), commit, ...(licence && { licence }) }
  return { ...about, ...plan, ...(await measured(plan, folder)) }
}

/** Its id, its bytes and the room for them. */
async function measured({ files, target }: Pick<DownloadPlan, 'files' | 'target'>, folder: string) {
  const lines = files.map(({ path, url, size, sha256, gitSha1 }) => `${path} ${url} ${size} ${sha256 ?? gitSha1 ?? ''}`)
  const id = createHash('sha256')
    .update([target, ...lines].join('\n'))
    .digest('hex')
    .slice(0, 16)
  return { id, bytes: files.reduce((sum, { size }) => sum + size, 0), free: await freeBytes(folder) }
}

/** Free bytes of the disk that a folder is on, or will be. @throws Problem FILE_* */
export async function freeBytes(folder: string): Promise<number> {
  let path = folder
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path)
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    throw fileProblem(error, path)
  }
}

async function planned(
  model: HubModel,
  files: readonly HubFile[],
  { hub }: Place,
  network: Network,
  signal: AbortSignal,
): Promise<PlannedFile[]> {
  const plans: PlannedFile[] = []
  for (const { path, size, sha256, gitSha1 } of files) {
    const url = addressOf(hub, model, path)
    const isTold = size !== undefined && (size === 0 || (sha256 ?? gitSha1) !== undefined)
    const known = isTold ? { size } : await probe(url, `${path} of ${model.id}`, pageOf(hub, model.id), network, signal)
    const hashes = { sha256: sha256 ?? known.sha256, gitSha1: gitSha1 ?? known.gitSha1 }
    plans.push({ path, url: url.href, size: size ?? known.size, ...hashes })
  }
  return plans
}

interface Probed {
  readonly size: number
  readonly sha256?: string
  readonly gitSha1?: string
  readonly fileName?: string
}

/** Asks for one byte: its answer tells how many there are, and the hub's own headers what they hash to.
 *  @throws Problem HUB_*, DOWNLOAD_SIZE when the length is not told */
function probe(
  url: URL,
  what: string,
  page: string | undefined,
  network: Network,
  signal: AbortSignal,
): Promise<Probed> {
  return insist(
    async () => {
      const answer = await request(url, { range: 'bytes=0-0' }, network, signal)
      const { response, first, leave } = answer
      try {
        expectOk(answer, what, page)
        const length =
          response.status === 206 ? totalOf(response.headers) : Number(response.headers.get('content-length') ?? NaN)
        if (!Number.isSafeInteger(length) || length < 1) throw noLength(url.host, what)
        const [, fileName] = /filename="?([^";]+)"?/i.exec(response.headers.get('content-disposition') ?? '') ?? []
        // Only a hub's ETag is a hash; elsewhere it is whatever the server likes.
        const tag = page === undefined ? '' : plainTag(first.get('x-linked-etag') ?? first.get('etag'))
        const hashes = {
          ...(/^[0-9a-f]{64}$/.test(tag) && { sha256: tag }),
          ...(/^[0-9a-f]{40}$/.test(tag) && { gitSha1: tag }),
        }
        return { size: length, ...hashes, ...(fileName !== undefined && { fileName }) }
      } finally {
        leave()
      }
    },
    network,
    signal,
    quickly,
  )
}

const plainTag = (tag: string | null) => (tag ?? '').replace(/^W\//, '').replaceAll('"', '')

const noLength = (host: string, what: string) =>
  new Problem('DOWNLOAD_SIZE', `${host} does not say how large ${what} is.`, {
    hint: 'Download it with your browser, and choose the file here.',
  })

/** A file somewhere else: neither its licence nor its hash is told. */
async function planOfAddress(
  address: URL,
  { folder }: Place,
  network: Network,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const last = decoded(address.pathname.split('/').at(-1) ?? '')
  if (/\.\w+$/.test(last)) checkFileName(last)
  const { size, fileName } = await probe(address, last === '' ? address.host : last, undefined, network, signal)
  const name = last.endsWith('.safetensors') ? last : (fileName ?? last)
  checkFileName(name)
  if (!isPlainPath(name) || name.includes('/')) {
    throw new Problem('REFERENCE', `${JSON.stringify(name.slice(0, 200))} cannot be the name of a file here.`, {
      hint: 'Download it with your browser, rename it, and choose the file here.',
    })
  }
  const owner = address.hostname.replaceAll(/[^\w.-]/g, '-')
  const files = [{ path: name, url: address.href, size }]
  const id = `${owner}--${name.replace(/\.safetensors$/, '')}`
  const plan = { files, name, model: id, target: join(folder, owner, name), isFile: true }
  return { host: address.host, ...plan, ...(await measured(plan, folder)) }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
