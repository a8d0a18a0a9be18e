import { useEffect } from 'react'
import { isLanguage, speak } from '../language/language.ts'
import type { Settings } from './api.ts'
import { useEngine } from './engine.ts'
import { keep, load } from './storage.ts'

/** How the page looks: settings of the engine. What they were last is kept by the page, so that the window does not flash at its start. */

const THEME = 'sfumato.theme'
const CONTRAST = 'sfumato.contrast'
const LANGUAGE = 'sfumato.language'

const systemContrast = () => window.matchMedia('(prefers-contrast: more)')

function applyContrast(contrast: Settings['contrast']): void {
  const { dataset } = document.documentElement
  if (contrast === 'more' || systemContrast().matches) dataset.contrast = 'more'
  else delete dataset.contrast
}

/** The look of the last time, before the engine has answered. */
export function lastLook(): void {
  const language = load(LANGUAGE)
  speak(language !== null && isLanguage(language) ? language : 'system')
  const theme = load(THEME)
  if (theme !== null) document.documentElement.dataset.theme = theme
  applyContrast(load(CONTRAST) === 'more' ? 'more' : 'system')
}

export function useLook(): void {
  const language = useEngine(state => state.settings?.language)
  const theme = useEngine(state => state.settings?.theme)
  const contrast = useEngine(state => state.settings?.contrast)
  useEffect(() => {
    if (theme === undefined) return
    document.documentElement.dataset.theme = theme
    keep(THEME, theme)
  }, [theme])
  useEffect(() => {
    if (language === undefined) return
    keep(LANGUAGE, language)
    speak(language)
  }, [language])
  useEffect(() => {
    if (contrast === undefined) return
    keep(CONTRAST, contrast)
    const apply = () => applyContrast(contrast)
    apply()
    const system = systemContrast()
    system.addEventListener('change', apply)
    return () => system.removeEventListener('change', apply)
  }, [contrast])
}
