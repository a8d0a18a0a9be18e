import { Problem } from '../../problem.ts'

/** What a reference names: a model of the hub (or one file of it), or a file somewhere else. */
export type Named =
  | {
      readonly kind: 'hub'
      readonly id: string
      readonly revision: string | undefined
      readonly file: string | undefined
    }
  | { readonly kind: 'address'; readonly address: URL }

export const publicHub = 'https://huggingface.co'
const publicHubNames = ['huggingface.co', 'www.huggingface.co', 'hf.co']

const idPattern = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/
const revisionPattern = /^[A-Za-z0-9][\w.+/-]{0,199}$/

/** Reads what a person typed: `owner/name`, `owner/name@revision`, `owner/name/file.safetensors`, a page of the hub, another address.
 *  @throws Problem REFERENCE, ADDRESS, WEIGHTS_PICKLE */
export function readReference(text: string, hub: URL): Named {
  const trimmed = text.trim()
  const named = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? readAddress(trimmed, hub) : readId(trimmed)
  const file = named.kind === 'hub' ? named.file : undefined
  if (file !== undefined) checkFileName(file)
  return named
}

const unclear = (text: string) =>
  new Problem('REFERENCE', `${JSON.stringify(text.slice(0, 200))} names no model.`, {
    hint: 'Give its id, such as owner/name, or the address of its page or file.',
  })

/** Only weights without program code are fetched alone. @throws Problem WEIGHTS_PICKLE, REFERENCE */
export function checkFileName(name: string): void {
  if (name.endsWith('.safetensors')) return
  const short = name.split('/').at(-1) ?? name
  if (/\.(ckpt|pt|pth|bin|pkl|pickle)$/i.test(name)) {
    throw new Problem('WEIGHTS_PICKLE', `${short} is a pickle, which could run code; it is not fetched.`, {
      hint: 'Look for the .safetensors version of this model.',
    })
  }
  throw new Problem('REFERENCE', `${short} is no .safetensors file.`, {
    hint: 'Give a .safetensors file, or the model it belongs to.',
  })
}

function readId(text: string): Named {
  const [path, revision] = text.split('@', 2)
  return hubModel(path.split('/'), revision, text)
}

/** @param parts owner, name, and the path of a file */
function hubModel(parts: readonly (string | undefined)[], revision: string | undefined, text: string): Named {
  const [owner = '', name = '', ...rest] = parts
  const id = `${owner}/${name}`
  if (!idPattern.test(id) || id.includes('..')) throw unclear(text)
  if (revision !== undefined) checkRevision(revision)
  const file = rest.filter(part => part !== '').join('/')
  return { kind: 'hub', id, revision, file: file === '' ? undefined : file }
}

/** @throws Problem REFERENCE */
export function checkRevision(revision: string): void {
  if (revisionPattern.test(revision) && !revision.includes('..')) return
  throw new Problem('REFERENCE', `${JSON.stringify(revision.slice(0, 200))} is no branch, tag or commit.`, {
    hint: 'Leave the revision out for the latest one.',
  })
}

function readAddress(text: string, hub: URL): Named {
  if (!URL.canParse(text)) throw unclear(text)
  const address = new URL(text)
  const ownNames = hub.host === new URL(publicHub).host ? publicHubNames : [hub.host]
  if (!ownNames.includes(address.host)) return { kind: 'address', address }
  const base = hub.pathname.replace(/\/$/, '')
  if (!address.pathname.startsWith(`${base}/`)) throw unclear(text)
  const [owner, name, view, revision, ...file] = segmentsOf(address.pathname.slice(base.length + 1), text)
  if (view === undefined) return hubModel([owner, name], undefined, text)
  if (!['tree', 'blob', 'resolve'].includes(view) || revision === undefined) throw unclear(text)
  return hubModel([owner, name, ...(view === 'tree' ? [] : file)], revision, text)
}

function segmentsOf(path: string, text: string): string[] {
  try {
    return path
      .split('/')
      .filter(part => part !== '')
      .map(decodeURIComponent)
  } catch {
    throw unclear(text)
  }
}

/** Whether a path of a server stays in the folder that it is put into, on every system: plain names with slashes between. */
export const isPlainPath = (path: string): boolean =>
  path.length <= 300 &&
  path.split('/').every(name => plainName.test(name) && !windowsDevice.test(name) && !name.endsWith('.'))

const plainName = /^[\w@+=,()[\] .-]{1,150}$/
const windowsDevice = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** Whether a path climbs out of its folder, on any system. */
export const climbsOut = (path: string): boolean =>
  path.includes('\0') ||
  /^[a-z]:/i.test(path) ||
  path.split(/[/\\]/).some(name => name === '' || name === '.' || name === '..')
