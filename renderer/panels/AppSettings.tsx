import { RadioGroup } from 'radix-ui'
import { Button } from '../components/Button.tsx'
import { NumberField } from '../components/NumberField.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { LANGUAGES, spoken, t } from '../language/language.ts'
import type { Settings } from '../state/api.ts'
import { useShortcuts } from '../state/bindings.ts'
import { useEngine } from '../state/engine.ts'
import { complaint, type Field } from '../state/form.ts'
import { useForm } from '../state/form-in-force.ts'
import { mayNotify, switchNotices } from '../state/notices.ts'
import { hasFewBits, lossWords, measureLoss, useDetails, useOffers } from '../state/precision.ts'
import { changeSettings } from '../state/preferences.ts'
import { changeScale, SCALES, useScale } from '../state/scale.ts'
import { useUi } from '../state/ui.ts'
import { CanvasSettings } from './CanvasSettings.tsx'
import { KeySettings } from './KeySettings.tsx'

const THEMES = [
  { value: 'system', label: 'As the system' },
  { value: 'dark', label: 'Dark' },
  { value: 'light', label: 'Light' },
] as const

const CONTRASTS = [
  { value: 'system', label: 'As the system' },
  { value: 'more', label: 'More' },
] as const

const PROVIDERS = [
  { value: 'auto', label: 'Automatic' },
  { value: 'cpu', label: 'Processor' },
  { value: 'webgpu', label: 'Graphics card' },
] as const

const PRECISIONS = [
  {
    value: 'as stored',
    label: 'As stored',
    words: 'From the model’s own file: exact, and nothing is written to disk.',
  },
  {
    value: 'fp32',
    label: 'fp32',
    words: 'The same pictures but for roundings, and often quicker, for twice the memory and disk of an fp16 file.',
  },
  {
    value: 'fp16',
    label: 'fp16',
    words:
      'Computed in half precision with its sensitive parts in single: half the memory, and mostly no visible loss.',
  },
  {
    value: '8 bit',
    label: '8 bit',
    words: 'About half the memory of fp16, and mostly no visible loss.',
  },
  {
    value: '4 bit',
    label: '4 bit',
    words: 'The least memory, and a visible loss: for models that do not fit otherwise.',
  },
] as const

const DEVICES: Record<string, string> = { cpu: 'the processor', webgpu: 'the graphics card (WebGPU)' }

const MEMORY: Field = {
  name: 'memoryShare',
  title: 'Memory for models',
  description: 'Share of the memory that models may use.',
  unit: '%',
  group: 'memory',
  widget: 'slider',
  whole: true,
  minimum: 10,
  maximum: 90,
  step: 1,
}
const OWN_SHARE = 60

const ON_OFF = [
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
] as const

/** The app's own settings. Each change applies at once and can be undone. */
export function AppSettings() {
  const settings = useEngine(state => state.settings)
  const provider = useEngine(state => state.provider)
  const version = useEngine(state => state.version)
  const shortcut = useShortcuts()
  const half = useOffers().find(each => each.precision === 'fp16' && provider === 'webgpu')
  return (
    <main className="room app-settings" data-testid="app-settings">
      <div className="column">
        <h1>{t('Settings')}</h1>
        {settings === undefined ? (
          <p className="note">{t('The engine is starting. Its settings are here as soon as it is there.')}</p>
        ) : (
          <>
            <section aria-labelledby="look">
              <h2 id="look">{t('Look')}</h2>
              <div className="setting">
                <span>{t('Theme')}</span>
                <Segmented
                  label={t('Theme')}
                  value={settings.theme}
                  choices={THEMES}
                  onChange={theme => void changeSettings({ theme })}
                />
              </div>
              <div className="setting">
                <span>{t('Language')}</span>
                <Segmented
                  label={t('Language')}
                  value={settings.language}
                  choices={[{ value: 'system', label: t('As the system') }, ...LANGUAGES]}
                  onChange={language => void changeSettings({ language })}
                />
              </div>
              <div className="setting">
                <span>
                  {t('Contrast')}
                  <small>{t('More contrast draws a line around every control and makes colours stronger.')}</small>
                </span>
                <Segmented
                  label={t('Contrast')}
                  value={settings.contrast}
                  choices={CONTRASTS}
                  onChange={contrast => void changeSettings({ contrast })}
                />
              </div>
              <InterfaceSize />
              <div className="setting">
                <span>
                  {t('Tell when done')}
                  <small>{t('By a notification of the system, only while the window is hidden.')}</small>
                </span>
                <Segmented
                  label={t('Tell when done')}
                  value={settings.notifies && mayNotify() ? 'on' : 'off'}
                  choices={ON_OFF}
                  onChange={next => void switchNotices(next === 'on')}
                />
              </div>
            </section>
            <section aria-labelledby="pictures">
              <h2 id="pictures">{t('Pictures')}</h2>
              <div className="setting">
                <span>
                  {t('Say that a model made them')}
                  <small>
                    {t(
                      'New pictures carry a mark for other programs (IPTC “digital source type”): made by a model, or made from other pictures by one. Nobody sees it in the picture.',
                    )}
                  </small>
                </span>
                <Segmented
                  label={t('Say that a model made them')}
                  value={settings.saysOrigin ? 'on' : 'off'}
                  choices={ON_OFF}
                  onChange={next => void changeSettings({ saysOrigin: next === 'on' })}
                />
              </div>
            </section>
            <CanvasSettings settings={settings} />
            <KeySettings />
            <section aria-labelledby="device">
              <h2 id="device">{t('Memory and device')}</h2>
              <div className="setting">
                <span>
                  {t('Compute on')}
                  <small>
                    {DEVICES[provider] !== undefined && `${t('Now: {device}.', { device: t(DEVICES[provider]) })} `}
                    {t('A graphics card is used only after it passed its self-test.')}
                    {half !== undefined && ` ${t('Half precision: {words}', { words: spoken(half.words) })}`}
                  </small>
                </span>
                <Segmented
                  label={t('Compute on')}
                  value={settings.provider}
                  choices={PROVIDERS}
                  onChange={next =>
                    void changeSettings(
                      { provider: next },
                      t('The next picture is made with: {choice}.', {
                        choice: t(PROVIDERS.find(each => each.value === next)?.label ?? next),
                      }),
                    )
                  }
                />
              </div>
              <div className="setting">
                <span>
                  {t('Memory for models')}
                  <small>
                    {t('How much of the memory loaded models may take; what was not used for longest leaves first.')}
                  </small>
                </span>
                <div className="w200">
                  <Share share={settings.memoryShare} />
                </div>
              </div>
              <Precision precision={settings.precision} />
            </section>
          </>
        )}
        <section aria-labelledby="about">
          <h2 id="about">{t('About')}</h2>
          <div className="setting">
            <span>
              Sfumato {version}
              <small>
                {t(
                  'Works on this computer alone. The network is used only in Models, when you look one up and get it.',
                )}
              </small>
            </span>
            <Button small shortcut={shortcut('help')} onClick={() => useUi.setState({ helpOpen: true })}>
              {t('Keys and help')}
            </Button>
          </div>
        </section>
      </div>
    </main>
  )
}

/** How large everything is, where the window can change it. */
function InterfaceSize() {
  const percent = useScale(state => state.percent)
  if (percent === undefined) return null
  return (
    <div className="setting">
      <span>
        {t('Interface size')}
        <small>{t('In percent. Ctrl and + or - change it in smaller steps.')}</small>
      </span>
      <Segmented
        label={t('Interface size')}
        value={String(percent)}
        choices={SCALES.map(each => ({ value: String(each), label: String(each) }))}
        onChange={next => changeScale(Number(next))}
      />
    </div>
  )
}

/** How the weights are computed with; the next run takes it. */
function Precision({ precision }: { precision: Settings['precision'] }) {
  const offers = useOffers()
  const { model } = useForm()
  const details = useDetails(model)
  // Half precision is shown where the graphics card passed its test in it; its choice of before stays, to be left.
  const isHalfOffered = offers.some(each => each.precision === 'fp16' && each.offered)
  const shownPrecisions = PRECISIONS.filter(({ value }) => value !== 'fp16' || isHalfOffered || precision === 'fp16')
  return (
    <div className="setting precision-setting">
      <span>
        {t('Precision')}
        <small>
          {t(
            'Of the network that draws. The next run takes it; all but “As stored” are written to the cache once for each model, which takes a moment.',
          )}
        </small>
      </span>
      <RadioGroup.Root
        className="precisions"
        aria-label={t('Precision')}
        value={precision}
        onValueChange={next => {
          const chosen = PRECISIONS.find(({ value }) => value === next)
          if (chosen !== undefined) {
            void changeSettings(
              { precision: chosen.value },
              t('The next picture is made with: {choice}.', { choice: t(chosen.label) }),
            )
            const known = details?.losses.some(loss => loss.precision === chosen.value) ?? true
            if (model !== undefined && hasFewBits(chosen.value) && !known) void measureLoss(model.id, chosen.value)
          }
        }}
        data-testid="precision"
      >
        {shownPrecisions.map(({ value, label, words }) => {
          const offer = offers.find(each => each.precision === value)
          const loss = details?.losses.find(each => each.precision === value)
          const own =
            loss &&
            t('{label}: {loss}, with {model}.', { label: t(label), loss: lossWords(loss), model: model?.name ?? '' })
          const gain = hasFewBits(value)
            ? spoken(offer?.words ?? 'Being tried out on this computer.')
            : offer && spoken(offer.words)
          const shown = [gain, t(words), own].filter(Boolean).join(' ')
          const withheld = hasFewBits(value) && value !== precision && offer?.offered !== true
          return (
            <RadioGroup.Item
              key={value}
              value={value}
              className="precision"
              aria-label={`${t(label)}. ${shown}`}
              disabled={withheld}
            >
              <span className="radio" aria-hidden="true" />
              <span>
                <b>{t(label)}</b>
                <small>{shown}</small>
              </span>
            </RadioGroup.Item>
          )
        })}
      </RadioGroup.Root>
    </div>
  )
}

const check = (value: number | undefined) => complaint(MEMORY, value)

function Share({ share }: { share: number }) {
  return (
    <NumberField
      name={MEMORY.name}
      title={t(MEMORY.title)}
      label={t('At most')}
      unit={MEMORY.unit}
      value={Math.round(share * 100)}
      own={OWN_SHARE}
      minimum={10}
      maximum={90}
      step={1}
      changed={Math.round(share * 100) !== OWN_SHARE}
      check={check}
      onChange={percent => void changeSettings({ memoryShare: percent / 100 })}
      onReset={() => void changeSettings({ memoryShare: OWN_SHARE / 100 })}
    />
  )
}
