import { create } from 'zustand'
import type { MaskLook } from '../canvas/raster/screen.ts'
import { toolOf, tools } from '../canvas/tools/index.ts'
import { nextSize } from '../canvas/tools/painting.ts'
import type { Values } from '../canvas/tools/tool.ts'
import { keep, load } from './storage.ts'

/** Which tool is in the hand, and how each of them is set. */
export interface ToolsState {
  readonly tool: string
  /** The tool for as long as a key or a button is held. */
  readonly held: string | undefined
  readonly values: Readonly<Record<string, Values>>
  /** `#rrggbb` */
  readonly colour: string
  readonly background: string
  readonly maskLook: MaskLook
}

const ownValues = (): Record<string, Values> =>
  Object.fromEntries(
    tools.map(({ id, options }) => [id, Object.fromEntries(options.map(({ name, value }) => [name, value]))]),
  )

const KEY = 'sfumato.tools'
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isColour = (value: unknown): value is string => typeof value === 'string' && /^#[0-9a-f]{6}$/.test(value)

/** What was kept, as far as it still fits the tools that there are. */
export function readTools(text: string | null): Partial<ToolsState> {
  try {
    const kept: unknown = JSON.parse(text ?? '{}')
    if (!isRecord(kept)) return {}
    const values = ownValues()
    for (const { id, options } of tools) {
      const before = isRecord(kept.values) && isRecord(kept.values[id]) ? kept.values[id] : {}
      for (const option of options) {
        const value = before[option.name]
        const fits =
          option.kind === 'number' ? typeof value === 'number' : option.choices.some(each => each.value === value)
        if (fits) values[id] = { ...values[id], [option.name]: value as string | number }
      }
    }
    return {
      values,
      ...(isColour(kept.colour) && { colour: kept.colour }),
      ...(isColour(kept.background) && { background: kept.background }),
    }
  } catch {
    return {}
  }
}

export const DEFAULT_COLOURS = { colour: '#000000', background: '#ffffff' } as const

export const useTools = create<ToolsState>()(() => ({
  tool: 'move',
  held: undefined,
  values: ownValues(),
  ...DEFAULT_COLOURS,
  maskLook: 'tint',
  ...readTools(load(KEY)),
}))

useTools.subscribe(({ values, colour, background }) => keep(KEY, JSON.stringify({ values, colour, background })))

/** The tool that a press uses now. */
export const toolNow = () => toolOf(useTools.getState().held ?? useTools.getState().tool)

export const takeTool = (tool: string): void => useTools.setState({ tool, held: undefined })

export function setOption(tool: string, name: string, value: number | string | boolean): void {
  useTools.setState(({ values }) => ({ values: { ...values, [tool]: { ...values[tool], [name]: value } } }))
}

/** Whether the tool in the hand has an option. */
export const hasOption = (name: string): boolean => toolNow().options.some(option => option.name === name)

export function changeSize(direction: number): void {
  const { id } = toolNow()
  const size = useTools.getState().values[id]?.size
  if (typeof size === 'number') setOption(id, 'size', nextSize(size, direction))
}

export function changeSoftness(direction: number): void {
  const { id } = toolNow()
  const softness = useTools.getState().values[id]?.softness
  if (typeof softness === 'number') setOption(id, 'softness', Math.min(100, Math.max(0, softness + 10 * direction)))
}

/** X: adding and removing for the mask brush, the two colours for all others. */
export function swap(): void {
  if (toolNow().id !== 'mask') {
    useTools.setState(({ colour, background }) => ({ colour: background, background: colour }))
    return
  }
  setOption('mask', 'mode', useTools.getState().values.mask?.mode === 'remove' ? 'add' : 'remove')
}
