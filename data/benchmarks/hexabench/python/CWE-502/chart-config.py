from fastapi import Body, FastAPI

app = FastAPI()


@app.post("/charts")
def create_chart(settings: str = Body(media_type="text/yaml")):
    """
    The settings are YAML, for example:

        title: Rainfall
        series: [3, 9, 14]
    """
    # get title and series out of the settings and return both
