import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { mergeLoras } from '../../app/operations/merge-loras.ts'
import { mergeModels } from '../../app/operations/merge-models.ts'
import { Problem } from '../../app/problem.ts'
import { drawingKinds } from '../../app/weights/model-kinds.ts'
import { createEngine } from '../engine-core.ts'
import { homeFolder } from '../home.ts'
import { logTo } from '../log-file.ts'
import { loraOf } from './flags.ts'
import { finished, modelOf, namedFiles, type Terminal } from './generate.ts'
import { ProgressLine } from './progress-line.ts'

const help = `Usage: npm run models -- merge FIRST SECOND --name NAME [--weight W]
       npm run models -- merge FIRST SECOND THIRD --name NAME [--weight W]
       npm run models -- merge FIRST --lora NAME|PATH[:STRENGTH] ... --name NAME

Makes a new model in the library; the others stay as they are. Models are named by path, or by id or name in the library.
Two models are summed, (1 - W) FIRST + W SECOND; with a third the difference is added, FIRST + W (SECOND - THIRD).

  --name NAME           What the new model is called.
  --weight W            How much of the second model, from 0 to 1 (with a third model: to 2). Usually 0.5.
  --lora NAME|PATH[:S]  A LoRA and how strongly it acts (from -10 to 10, usually 1); may be given several times.
  --library DIR         The folder with the library, instead of the usual one.
  --json                One line of JSON: what the library knows of the new model.
`

interface Asked {
  readonly models: readonly string[]
  readonly loras: readonly string[]
  readonly name: string
  readonly weight: number | undefined
  readonly library: string | undefined
  readonly json: boolean
}

/** `models merge FIRST SECOND ...`: makes a new model of others. @param embedded the folder of the models that come with the app
 *  @throws Problem COMMAND_LINE, MODEL_*, MERGE_*, DISK_FULL; what `signal` was aborted with */
export async function mergeModel(
  argv: readonly string[],
  embedded: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const asked = parsed(argv)
  if (asked === 'help') return void terminal.stdout.write(help)
  const home = asked.library === undefined ? homeFolder() : resolve(terminal.folder, asked.library)
  const log = logTo(join(home, 'logs', 'command.log'))
  const engine = await createEngine({ home, models: embedded, keepsQueue: false, log })
  try {
    const { studio } = engine.context
    const at = (path: string) => resolve(terminal.folder, path)
    const [model, second = '', third = ''] = asked.models.map(model => modelOf(studio, { model }, at))
    const parameters =
      asked.loras.length > 0
        ? { loras: asked.loras.map(loraOf), name: asked.name }
        : {
            ...{ method: third === '' ? 'weighted sum' : 'add difference', second, third, name: asked.name },
            ...(asked.weight !== undefined && { weight: asked.weight }),
          }
    const { id: operation } = asked.loras.length > 0 ? mergeLoras : mergeModels
    const request = {
      ...{ operation, model },
      parameters: namedFiles(studio, parameters, at),
    }
    await finished(studio, () => studio.submit(request), new ProgressLine(terminal.stderr), signal)
    const [file, folder] = [join(home, 'models', `${asked.name}.safetensors`), join(home, 'models', asked.name)]
    const path = existsSync(folder) ? folder : file
    const made = studio.models(drawingKinds).find(each => each.path === path)
    terminal.stdout.write(asked.json ? `${JSON.stringify(made)}\n` : `${path}\n`)
  } finally {
    await engine.close()
  }
}

const bad = (message: string): Problem => new Problem('COMMAND_LINE', message, { hint: 'See models merge --help.' })

/** @throws Problem COMMAND_LINE */
function parsed(argv: readonly string[]): Asked | 'help' {
  const { values, positionals: models } = flagsOf(argv)
  if (values.help) return 'help'
  const { name, lora: loras = [], weight, library, json = false } = values
  if (models.length === 0) throw bad('It needs to know which models.')
  if (name === undefined) throw bad('The new model needs a name: --name NAME.')
  if (loras.length > 0 && models.length > 1) throw bad('LoRAs are merged into one model, not into several.')
  if (loras.length === 0 && models.length === 1) throw bad('One model alone is no merge: name a second, or a --lora.')
  if (models.length > 3) throw bad(`At most three models can be merged, not ${models.length}.`)
  if (loras.length > 0 && weight !== undefined) throw bad('LoRAs have strengths instead of --weight.')
  const number = weight === undefined ? undefined : Number(weight)
  if (Number.isNaN(number) || weight === '') throw bad(`--weight must be a number, not ${JSON.stringify(weight)}.`)
  return { models, loras, name: name.trim(), weight: number, library, json }
}

function flagsOf(argv: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...argv],
      options: { name: text, weight: text, lora: { ...text, multiple: true }, library: text, json: flag, help: flag },
      allowPositionals: true,
    })
  } catch (error) {
    throw bad(error instanceof Error ? `${error.message.split('. ')[0].replace(/\.$/, '')}.` : 'The flags are unclear.')
  }
}
