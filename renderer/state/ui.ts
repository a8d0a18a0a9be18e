import { create } from 'zustand'
import { keep, load } from './storage.ts'

export type Room = 'studio' | 'gallery' | 'teach' | 'models' | 'settings'
export type Panel = 'settings' | 'layers' | 'words' | 'history'
const PANELS: readonly unknown[] = ['settings', 'layers', 'words', 'history'] satisfies Panel[]
const isPanel = (value: unknown): value is Panel => PANELS.includes(value)

/** What is open and how wide; nothing that a person made. */
export interface UiState {
  readonly room: Room
  readonly panel: Panel | undefined
  readonly panelWidth: number | undefined
  readonly folded: Readonly<Record<string, boolean>>
  /** The prompt's tokens stand under it. */
  readonly showsTokens: boolean
  readonly paletteOpen: boolean
  readonly helpOpen: boolean
  readonly queueOpen: boolean
  /** The menu of documents. */
  readonly documentsOpen: boolean
  /** In that menu: the size of the document. */
  readonly sizeOpen: boolean
  /** Only the picture: all floats, panel and rail are away. */
  readonly bare: boolean
  /** What a screen reader says next. */
  readonly announcement: string
}

const KEY = 'sfumato.ui'

function kept(): Partial<UiState> {
  try {
    const value: unknown = JSON.parse(load(KEY) ?? '{}')
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

const { panel, panelWidth, folded, showsTokens } = kept()

export const useUi = create<UiState>()(() => ({
  room: 'studio',
  panel: isPanel(panel) ? panel : undefined,
  panelWidth: typeof panelWidth === 'number' ? clampPanel(panelWidth) : undefined,
  folded: typeof folded === 'object' && folded !== null ? folded : {},
  showsTokens: showsTokens === true,
  paletteOpen: false,
  helpOpen: false,
  queueOpen: false,
  documentsOpen: false,
  sizeOpen: false,
  bare: false,
  announcement: '',
}))

useUi.subscribe(({ panel, panelWidth, folded, showsTokens }) => {
  keep(KEY, JSON.stringify({ panel, panelWidth, folded, showsTokens }))
})

export const PANEL_MINIMUM = 264
export const PANEL_MAXIMUM = 480

export function clampPanel(width: number): number {
  return Math.round(Math.min(PANEL_MAXIMUM, Math.max(PANEL_MINIMUM, width)))
}

export const go = (room: Room): void => useUi.setState({ room })

export const togglePanel = (panel: Panel): void =>
  useUi.setState(state => ({ panel: state.panel === panel ? undefined : panel }))

export const toggleTokens = (): void => useUi.setState(({ showsTokens }) => ({ showsTokens: !showsTokens }))

export const fold = (section: string, folded: boolean): void =>
  useUi.setState(state => ({ folded: { ...state.folded, [section]: folded } }))

/** Says a line to screen readers. */
export const announce = (announcement: string): void => useUi.setState({ announcement })
