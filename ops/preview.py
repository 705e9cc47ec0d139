"""`yoin preview`: messages from their samples, as pages and as pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from local.mailbox import site
from local.mailbox.model import Mail, Mailbox
from local.mailbox.views import brand_view, lifecycle_views
from ops.errors import WrongUse, choices
from ops.output import Output, escaped
from shared import brands as brand_files
from shared import lifecycles
from shared.brands import Brand, load_brand
from shared.brands.directory import BrandDirectory
from shared.domain.events import Channel, Purpose
from shared.messages import samples

# A fixed instant: the same templates give the same pages.
_TAKEN_AT = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which samples: None stands for all. ``template`` is ``lifecycle/message`` or a lifecycle."""

    template: str | None = None
    locale: str | None = None
    brand: str | None = None
    channel: Channel | None = None


def preview_templates(
    wanted: Wanted, output: Output, *, folder: Path, show: bool = False, pictures: bool = False
) -> None:
    """Render the samples that are wanted into ``folder`` and say where they are.

    Raises WrongUse for a template, locale or brand that there is not, TemplateError and
    BrandError for one that is broken, CommandError where a picture cannot be taken.
    """
    mails = rendered(wanted)
    if pictures:
        from ops.pictures import take

        for mail, path in take(mails, folder):
            output.line(_told(mail, path))
            output.say(f"{escaped(str(path))}  [dim]{escaped(mail.subject)}[/dim]")
        return
    gallery = Mailbox(
        title=("テンプレート一覧", "Template gallery"),
        started_at=_TAKEN_AT,
        now=_TAKEN_AT,
        brands=tuple(brand_view(load_brand(brand)) for brand in {m.brand: 0 for m in mails}),
        lifecycles=lifecycle_views({mail.lifecycle for mail in mails}),
        mails=mails,
    )
    index = site.build(gallery, folder, kind="gallery")
    for mail in mails:
        path = folder / site.mail_file(mail) if mail.html else index
        output.line(_told(mail, path))
        if wanted.template:
            what = mail.subject or mail.text.splitlines()[0]
            output.say(f"[dim]{mail.brand} {mail.locale} {mail.channel:5}[/dim]  {escaped(what)}")
    output.say(f"[bold]{len(mails)} messages[/bold] in {escaped(str(index))}")
    if show:
        import webbrowser

        webbrowser.open(index.resolve().as_uri())


def preview_pages(
    wanted: Wanted, output: Output, *, folder: Path, show: bool = False, pictures: bool = False
) -> None:
    """Write the pages of the preference centre by example, one file for each brand and language.

    Raises WrongUse for a brand or language that there is not, CommandError where a picture cannot
    be taken.
    """
    from ops.pictures import browser, photograph
    from shared.messages import pages

    if wanted.locale not in {None, *pages.LANGUAGES}:
        raise WrongUse(f"the pages are in {choices(pages.LANGUAGES)}, not in {wanted.locale!r}")
    folder = folder / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    program = browser() if pictures else ""
    renderer = pages.PageRenderer(BrandDirectory([brand.id for brand in _brands(wanted.brand)]))
    first = folder
    for brand in _brands(wanted.brand):
        goods = [{"sku": one.sku, "title": None, "stopped": False} for one in brand.products[:2]]
        for page, sample in pages.samples().items():
            content = sample | ({"goods": goods} if "goods" in sample and goods else {})
            for language in pages.LANGUAGES:
                if wanted.locale not in {None, language}:
                    continue
                made = renderer.render(page, brand.id, content, asked=language)
                path = folder / f"{page}.{brand.id}.{language}.{'png' if pictures else 'html'}"
                if pictures:
                    photograph(program, made.html, path)
                else:
                    path.write_text(made.html, encoding="utf-8")
                first = path if page == "preferences" else first
                told = {"page": page, "brand": brand.id, "locale": language, "file": str(path)}
                output.line(told)
    output.say(f"the pages are in {escaped(str(folder))}")
    if show:
        import webbrowser

        webbrowser.open(first.resolve().as_uri())


def rendered(wanted: Wanted) -> tuple[Mail, ...]:
    """The samples that are wanted, by lifecycle, message, brand, locale and channel."""
    mails: list[Mail] = []
    for lifecycle, message in _templates(wanted.template):
        for brand in _brands(wanted.brand):
            for locale in _locales(brand, wanted):
                mails += _sample(lifecycle, message, locale, brand, wanted.channel)
    return tuple(mails)


def _sample(
    lifecycle: str, message: str, locale: str, brand: Brand, channel: Channel | None
) -> list[Mail]:
    mails = _variant(lifecycle, message, locale, brand, marketing=False)
    purpose = lifecycles.load(lifecycle).SPEC.purpose
    if purpose is Purpose.TRANSACTIONAL:
        # Where the message has a marketing block, it is another mail for those who agreed to it.
        agreed = _variant(lifecycle, message, locale, brand, marketing=True)
        shown = {(mail.text, mail.html) for mail in mails}
        mails += [mail for mail in agreed if (mail.text, mail.html) not in shown]
    return [mail for mail in mails if channel in {None, mail.channel}]


def _variant(
    lifecycle: str, message: str, locale: str, brand: Brand, *, marketing: bool
) -> list[Mail]:
    """The email and the SMS of a sample, for a person with or without consent to marketing."""
    email, sms = samples.render_sample(lifecycle, message, locale, brand.id, marketing=marketing)
    name = f"{lifecycle}-{message}.{brand.id}.{locale}" + ".marketing" * marketing
    letter = Mail(
        message_id=name,
        channel=Channel.EMAIL,
        brand=brand.id,
        order_id="",
        lifecycle=lifecycle,
        message=message,
        occurrence="with_marketing" if marketing else "",
        to="",
        sender=f"{brand.text(brand.sender.name, email.locale)} <{brand.sender.address}>",
        subject=email.subject,
        text=email.text,
        html=email.html,
        locale=email.locale,
        at=_TAKEN_AT,
    )
    mails = [letter]
    if sms is not None:
        mails.append(
            replace(
                letter,
                message_id=f"{name}.sms",
                channel=Channel.SMS,
                sender=brand.sender.sms_id,
                subject="",
                text=sms.text,
                html=None,
                locale=sms.locale,
            )
        )
    return mails


def _templates(wanted: str | None) -> list[tuple[str, str]]:
    """What ``lifecycle/message`` or ``lifecycle`` names; everything for None."""
    known = list(samples.messages())
    if wanted is None:
        return known
    lifecycle, _, message = wanted.strip("/").partition("/")
    found = [one for one in known if one[0] == lifecycle and message in {"", one[1]}]
    if not found:
        names = choices([f"{one[0]}/{one[1]}" for one in known])
        raise WrongUse(f"there is no template {wanted!r}; there are {names}")
    return found


def _brands(wanted: str | None) -> list[Brand]:
    known = brand_files.brand_ids()
    if wanted is not None and wanted not in known:
        raise WrongUse(f"there is no brand {wanted!r}; there are {choices(known)}")
    return [load_brand(brand) for brand in known if wanted in {None, brand}]


def _locales(brand: Brand, wanted: Wanted) -> list[str]:
    """All of a brand's locales, or the one that is asked for.

    Without a brand named, a brand that does not have the locale is left out.
    """
    if wanted.locale is None:
        return list(brand.locales)
    if wanted.locale.partition("-")[0] in {locale.partition("-")[0] for locale in brand.locales}:
        return [wanted.locale]
    if wanted.brand is not None:
        raise WrongUse(
            f"{brand.id} has no locale {wanted.locale!r}; it has {choices(brand.locales)}"
        )
    return []


def _told(mail: Mail, path: Path) -> dict[str, str]:
    return {
        "template": f"{mail.lifecycle}/{mail.message}",
        "brand": mail.brand,
        "locale": mail.locale,
        "channel": mail.channel,
        "subject": mail.subject,
        "file": str(path),
    }
