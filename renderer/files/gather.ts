/** Files that were dropped, those in folders too. */

export interface Gathered {
  readonly files: readonly File[]
  /** Names of the folders that were dropped. */
  readonly folders: readonly string[]
  /** There were more files than are looked at. */
  readonly isCut: boolean
}

/** Files that are looked at in folders. */
const MOST = 10_000

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

/** Must be called while the drop is told: what was dropped is not known afterwards. */
export function gather(data: DataTransfer): Promise<Gathered> {
  const files: File[] = []
  const entries: FileSystemEntry[] = []
  for (const item of data.items) {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null
    if (entry !== null && isFolder(entry)) entries.push(entry)
    else {
      const file = item.getAsFile()
      if (file !== null) files.push(file)
    }
  }
  return withFolders(files, entries)
}

async function withFolders(files: File[], entries: readonly FileSystemEntry[]): Promise<Gathered> {
  const folders = entries.map(({ name }) => name)
  const waiting = [...entries]
  for (let entry = waiting.shift(); entry !== undefined && files.length < MOST; entry = waiting.shift()) {
    if (isFolder(entry)) waiting.push(...(await entriesOf(entry)))
    else if (isFile(entry)) files.push(await fileOf(entry))
  }
  return { files, folders, isCut: waiting.length > 0 }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject))

/** A folder tells what it holds in portions; an empty one is the last. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (portion.length === 0) return all
    all.push(...portion)
  }
}
