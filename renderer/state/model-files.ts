import { t } from '../language/language.ts'
import type { ModelInfo } from './api.ts'
import { engine } from './engine.ts'
import { groupOf, type Refusal, readModels, refuse, useModels } from './models.ts'
import { failureOf, sentenceOf } from './problem.ts'
import { say, warn } from './toasts.ts'
import { go, useUi } from './ui.ts'

const modelFile = /\.(?:safetensors|sft|ckpt|pt|pth|bin|gguf|onnx)$/i

/** Whether a dropped thing is a model by its name, or a folder (which has no type), as far as the page can tell. */
export const looksLikeModel = (file: Pick<File, 'name' | 'type'>): boolean =>
  modelFile.test(file.name) || (file.type === '' && !file.name.includes('.'))

/** Whether this page is told where files lie: only Electron does. */
export const knowsPaths = (): boolean => window.sfumato?.pathForFile !== undefined

const pathOf = (file: File): string => window.sfumato?.pathForFile?.(file) ?? ''

/** Where a chosen folder lies, from one of its files. */
export function folderOf(path: string, inFolder: string): string {
  const [name = ''] = inFolder.split('/')
  return path.slice(0, path.length - inFolder.length + name.length)
}

/** Adds dropped or chosen files, or a chosen folder, where they lie. */
export function importFiles(files: readonly File[]): Promise<void> {
  const known = files.map(file => ({ path: pathOf(file), inFolder: file.webkitRelativePath }))
  const paths = known
    .filter(({ path }) => path !== '')
    .map(({ path, inFolder }) => (inFolder === '' ? path : folderOf(path, inFolder)))
  if (paths.length > 0) return importPaths([...new Set(paths)])
  warn(t('A browser does not say where files lie: give the path in Models.'), {
    label: 'Open Models',
    run: openAddFiles,
  })
  return Promise.resolve()
}

/** Goes where files are added. */
export function openAddFiles(): void {
  go('models')
  useModels.setState({ columnOpen: true, opened: undefined })
  setTimeout(() => document.querySelector<HTMLElement>('[data-testid="model-path"]')?.focus())
}

/** Adds files, folders of models, or whole folders of other programs where they lie, and says what came of it: what is refused stays in
 *  Models until it is dismissed. */
export async function importPaths(paths: readonly string[]): Promise<void> {
  const [only = ''] = paths
  useModels.setState({ adding: true })
  try {
    const { found, models, refused } = await (await engine()).models.import({ paths: [...paths] })
    tell(found, models, only)
    refuse(refused.map(({ path, problem }) => refusal(path, { code: 'REFUSED', message: problem })))
    if (refused.length > 0) tellRefused(t('{count} files were not added.', { count: refused.length }))
    if (models.length > 0) useModels.setState({ path: '' })
    await readModels()
  } catch (error) {
    const failure = failureOf(error)
    refuse([refusal(only, failure)])
    tellRefused(sentenceOf(failure))
  } finally {
    useModels.setState({ adding: false })
  }
}

const refusal = (reference: string, failure: Refusal['failure']): Refusal => ({ reference, from: 'disk', failure })

function tell(found: number, models: readonly ModelInfo[], path: string): void {
  if (models.length > 0) say(addedWords(models))
  if (found > 0) return
  const message =
    'No model was found here. Models are .safetensors, .ckpt or .pt files, or folders in the layout of diffusers.'
  refuse([refusal(path, { code: 'NOTHING_FOUND', message })])
}

/** "12 models are here: checkpoints 3, LoRA 9." */
export function addedWords(models: readonly Pick<ModelInfo, 'kind' | 'name'>[]): string {
  const [only] = models
  if (models.length === 1 && only !== undefined) return t('{name} is here.', { name: only.name })
  const counts = new Map<string, number>()
  for (const { kind } of models) counts.set(groupOf(kind).title, (counts.get(groupOf(kind).title) ?? 0) + 1)
  const parts = [...counts].map(([title, count]) => `${t(title)} ${count}`)
  return t('{count} models are here: {parts}.', { count: models.length, parts: parts.join('; ') })
}

/** Says elsewhere that something was refused; in Models its card says so. */
function tellRefused(words: string): void {
  const show = () => {
    go('models')
    useModels.setState({ columnOpen: true })
  }
  if (useUi.getState().room === 'models') show()
  else warn(words, { label: 'See why', run: show })
}
