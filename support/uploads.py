"""Files in memory, and never more of them than we take: a stranger's paper must not lie on our disk in clear."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

#: Who sends so many times more than is taken is not read to the end, whatever becomes of the answer.
PATIENCE = 4


class InMemory(FileUploadHandler):
    """Keeps the first file, up to one byte more than is taken, so that the form can say that it is too big.

    Attacks stopped: papers spooled to /tmp in clear, which Django does from 2.5 MB on (ASVS 14.2.4), and a full disk
    or memory (CWE-400).
    """

    def __init__(self, request: HttpRequest, most: int) -> None:
        super().__init__(request)
        self.most, self.kept, self.came, self.taken = most, BytesIO(), 0, False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.taken:
            raise SkipFile
        self.taken = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        room = self.most + 1 - self.kept.tell()
        self.kept.write(raw_data[:room])
        self.came += len(raw_data)
        if self.came > self.most * PATIENCE:
            raise StopUpload(connection_reset=True)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        size = self.kept.tell()
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "", self.content_type or "", size, self.charset
        )


def takes_file(most: int) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """View decorator, outermost: files of this request stay in memory.

    The CSRF token stands in the body, so it is checked after the handler is in place, and checked all the same.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        checked = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.upload_handlers = [InMemory(request, most)]
            return checked(request, *args, **kwargs)

        return guarded

    return decorate
