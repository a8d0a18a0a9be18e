import { engine } from './engine.ts'
import { say, sayFailure, warn } from './toasts.ts'

const modelFile = /\.(?:safetensors|sft|ckpt|pt|pth|bin|gguf)$/i

/** Whether a dropped thing is a model by its name, or a folder (which has no type), as far as the page can tell. */
export const looksLikeModel = (file: Pick<File, 'name' | 'type'>): boolean =>
  modelFile.test(file.name) || (file.type === '' && !file.name.includes('.'))

/** Adds dropped models where they lie, and says what came of it. */
export async function importModels(files: readonly File[]): Promise<void> {
  const paths = files.map(file => window.sfumato?.pathForFile?.(file) ?? '').filter(path => path !== '')
  if (paths.length === 0) return warn('A browser does not say where files lie: add models with "npm run models".')
  try {
    const { models, refused } = await (await engine()).models.import({ paths })
    if (models.length > 0) say(models.length === 1 ? `${models[0].name} is here.` : `${models.length} models are here.`)
    const [first] = refused
    if (first === undefined) return
    const others = refused.length === 1 ? '' : ` ${refused.length - 1} more were left out.`
    warn(`${first.problem}${others}`)
  } catch (error) {
    sayFailure(error)
  }
}
